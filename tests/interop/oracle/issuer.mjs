// npm oidc-provider on a free port of this machine: rotating refresh tokens, its own pages for
// development, a count of what it saw (GET /seen), and answers that are lost (POST /drop). Prints its
// port; ends when standard input does.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const given = JSON.parse(process.env.GIVEN);
const seen = { requests: [], asked: [], grants: [], refused: [], revoked: 0 };
let provider;
let drop = false;

const server = createServer((request, response) => {
  const path = request.url.split('?')[0];
  if (path === '/seen') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(seen));
    return;
  }
  if (path === '/drop') {
    drop = true;
    response.end();
    return;
  }
  if (drop && path === '/token') {  // what is asked is done, and the answer is lost
    drop = false;
    response.write = () => true;
    response.end = () => request.socket.destroy();
  }
  seen.requests.push(`${request.method} ${path}`);
  if (path === '/auth') seen.asked.push([...new URL(request.url, 'http://x').searchParams.keys()].join(' '));
  provider.callback()(request, response);
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: given.clients,
    clientDefaults: { id_token_signed_response_alg: given.alg ?? 'RS256' },
    claims: { openid: ['sub'], profile: ['name'] },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      devInteractions: { enabled: true },
      dPoP: { enabled: given.dpop ?? true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => given.nonces ?? false },
      introspection: { enabled: true },
      pushedAuthorizationRequests: {
        enabled: given.push !== 'off', requirePushedAuthorizationRequests: given.push === 'required',
      },
      resourceIndicators: { enabled: false },
      revocation: { enabled: true },
    },
    rotateRefreshToken: given.rotate ?? true,
    scopes: ['openid', 'offline_access', 'api'],
    ttl: {
      AccessToken: 3600, ClientCredentials: 600, DeviceCode: 600, Grant: 86400, IdToken: 3600,
      Interaction: 3600, RefreshToken: 86400, Session: 86400,
    },
  });
  const kind = (ctx) => ctx.oidc?.params?.grant_type ?? 'none';
  provider.on('grant.success', (ctx) => seen.grants.push(kind(ctx)));
  provider.on('grant.error', (ctx, error) => seen.refused.push(`${kind(ctx)}: ${error.error}`));
  provider.on('grant.revoked', () => { seen.revoked += 1; });
  process.stdout.write(`${port}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));

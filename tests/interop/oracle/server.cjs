// npm oauth2-server behind plain HTTP, with a model in memory: the authority whose answers ours
// are compared with. $CLIENTS is its clients; it prints its port. POST /age {"seconds":N} makes
// everything that it has issued older.
'use strict';
const http = require('http');
const OAuth2Server = require('oauth2-server');

const clients = JSON.parse(process.env.CLIENTS);
const user = { id: 1 };
const codes = new Map(), access = new Map(), refresh = new Map();

const model = {
  getClient: async (id, secret) => clients.find((c) => c.id === id && (secret === null || c.secret === secret)),
  saveAuthorizationCode: async (code, client) => put(codes, code.authorizationCode, { ...code, client, user }),
  getAuthorizationCode: async (code) => codes.get(code),
  revokeAuthorizationCode: async (code) => codes.delete(code.authorizationCode),
  saveToken: async (token, client) => {
    const saved = { ...token, client, user };
    put(access, token.accessToken, saved);
    return put(refresh, token.refreshToken, saved);
  },
  getAccessToken: async (token) => access.get(token),
  getRefreshToken: async (token) => refresh.get(token),
  revokeToken: async (token) => refresh.delete(token.refreshToken),
};
const put = (map, key, value) => (map.set(key, value), value);

const oauth = new OAuth2Server({ model, accessTokenLifetime: 86400, refreshTokenLifetime: 172800,
  authorizationCodeLifetime: 300 });
const loggedIn = { authenticateHandler: { handle: () => user } };
const handlers = {
  '/oauth2/login': (request, response) => oauth.authorize(request, response, loggedIn),
  '/oauth2/token': (request, response) => oauth.token(request, response),
  '/oauth2/api/v1/trust/getTestToken': (request, response) => oauth.authenticate(request, response),
};

function age(seconds) {
  for (const one of new Set([codes, access, refresh].flatMap((map) => [...map.values()])))
    for (const name of ['expiresAt', 'accessTokenExpiresAt', 'refreshTokenExpiresAt'])
      if (one[name]) one[name] = new Date(one[name].getTime() - seconds * 1000);
}

async function answer(message, text) {
  const url = new URL(message.url, 'http://loopback');
  if (url.pathname === '/age') return age(JSON.parse(text).seconds), { status: 200, headers: {}, body: {} };
  const form = /^application\/x-www-form-urlencoded/.test(message.headers['content-type'] ?? '');
  const request = new OAuth2Server.Request({ method: message.method, headers: message.headers,
    query: Object.fromEntries(url.searchParams), body: form ? Object.fromEntries(new URLSearchParams(text)) : {} });
  const response = new OAuth2Server.Response({ headers: {} });
  try {
    await handlers[url.pathname](request, response);
  } catch (error) {
    // As the provider was seen to do: a redirect stays one, everything else is JSON.
    if (response.status !== 302) response.status = error.code;
    response.body = { error: error.name, error_description: error.message };
  }
  return response;
}

const server = http.createServer((message, reply) => {
  let text = '';
  message.on('data', (part) => (text += part));
  message.on('end', async () => {
    const { status, headers, body } = await answer(message, text);
    reply.writeHead(status, { 'content-type': 'application/json', ...headers });
    reply.end(status === 302 ? '' : JSON.stringify(body));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();

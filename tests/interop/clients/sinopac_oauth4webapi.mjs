// oauth4webapi: the code flow and the refresh, with every check that it makes.
import * as oauth from 'oauth4webapi';
import { advance, claim, given, refused } from './claims.mjs';
import { walk } from './person.mjs';

const server = {
  issuer: given.base,
  authorization_endpoint: given.base + '/oauth2/login',
  token_endpoint: given.base + '/oauth2/token',
};
const client = { client_id: given.client.id };
const loopback = { [oauth.allowInsecureRequests]: true };
const redirectUri = given.client.redirect_uris[0];

async function authorize() {
  const state = oauth.generateRandomState();
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({ response_type: 'code', grant_type: 'authorization_code',
    client_id: client.client_id, redirect_uri: redirectUri, state });
  const callback = await walk(url, given.user.login, given.user.password);
  return oauth.validateAuthResponse(server, client, callback, state);
}

const exchange = async (parameters, clientAuth, uri = redirectUri) =>
  oauth.processAuthorizationCodeResponse(server, client,
    await oauth.authorizationCodeGrantRequest(server, client, clientAuth, parameters, uri, oauth.nopkce, loopback));

const refresh = async (token, clientAuth) => oauth.processRefreshTokenResponse(server, client,
  await oauth.refreshTokenGrantRequest(server, client, clientAuth, token, loopback));

const proof = (token) => oauth.protectedResourceRequest(token, 'POST',
  new URL(given.base + '/oauth2/api/v1/trust/getTestToken'), new Headers(), new URLSearchParams(), loopback);

const is = (error, status) => (got) => got instanceof oauth.ResponseBodyError && got.error === error && got.status === status;

// The library behind the provider does not undo the form encoding of RFC 6749 section 2.3.1, which
// oauth.ClientSecretBasic applies even to "-"; so the two stand in the header as they are.
const plainBasic = (secret) => (_server, { client_id: id }, _body, headers) =>
  headers.set('authorization', 'Basic ' + btoa(`${id}:${secret}`));

for (const [name, clientAuth] of [['client_secret_post', oauth.ClientSecretPost(given.client.secret)],
  ['Basic', plainBasic(given.client.secret)]]) {
  const first = await exchange(await authorize(), clientAuth);
  claim(`${name}: the code gives tokens`, /^[0-9a-f]{40}$/.test(first.access_token) && /^[0-9a-f]{40}$/.test(first.refresh_token), first);
  claim('bearer, about a day', first.token_type === 'bearer' && [86398, 86399].includes(first.expires_in), first);
  claim('the proof call', (await (await proof(first.access_token)).json()).success === true);

  await advance('25h');
  await refused('25 h later the access token is over',
    async () => (await proof(first.access_token)).status,
    (error) => error instanceof oauth.WWWAuthenticateChallengeError && error.status === 401);
  const second = await refresh(first.refresh_token, clientAuth);
  claim('the refresh gives two new tokens', second.access_token !== first.access_token
    && second.refresh_token !== first.refresh_token && second.refresh_token.length === 40, second);
  claim('the proof call', (await proof(second.access_token)).status === 200);
  await refused('a spent refresh token', () => refresh(first.refresh_token, clientAuth), is('invalid_grant', 400));
  await advance('49h');
  await refused('a refresh token after its end', () => refresh(second.refresh_token, clientAuth), is('invalid_grant', 400));
}

const post = oauth.ClientSecretPost(given.client.secret);
const once = await authorize();
await refused('another redirect_uri', () => exchange(once, post, given.client.redirect_uris[1]), is('invalid_request', 400));
claim('did not spend the code', (await exchange(once, post)).access_token.length === 40);
await refused('a code twice', () => exchange(once, post), is('invalid_grant', 400));
const slow = await authorize();
await advance('6m');
await refused('a code after 6 minutes', () => exchange(slow, post), is('invalid_grant', 400));
await refused('a wrong secret', async () => exchange(await authorize(), oauth.ClientSecretPost('wrong')), is('invalid_client', 400));
// With Basic the refusal has a challenge, which the library reports before it looks at the body.
await refused('a wrong secret with Basic', async () => exchange(await authorize(), plainBasic('wrong')),
  (error) => error instanceof oauth.WWWAuthenticateChallengeError && error.status === 401);
await refused('Basic in the form encoding', async () => exchange(await authorize(), oauth.ClientSecretBasic(given.client.secret)),
  (error) => error instanceof oauth.WWWAuthenticateChallengeError && error.status === 401);

const lost = new URL(server.authorization_endpoint);
lost.search = new URLSearchParams({ response_type: 'token', client_id: client.client_id, redirect_uri: redirectUri, state: 'abcd1234' });
const back = await walk(lost, given.user.login, given.user.password);
await refused('another response_type comes back as an error', async () => oauth.validateAuthResponse(server, client, back, 'abcd1234'),
  (error) => error instanceof oauth.AuthorizationResponseError && error.error === 'unsupported_response_type');

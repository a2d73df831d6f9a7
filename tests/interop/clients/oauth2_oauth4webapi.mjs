// oauth4webapi: every flow that the authority describes, with every check that the library makes.
import * as oauth from 'oauth4webapi';
import { advance, claim, given, refused } from './claims.mjs';
import { walk } from './person.mjs';

const loopback = { [oauth.allowInsecureRequests]: true };
const web = given.clients['demo-web'];
const native = given.clients['demo-native'];
const service = given.clients['demo-service'];
const signer = given.clients['demo-signer'];
const issuer = new URL(given.issuer);
const is = (error, status) => (got) => got instanceof oauth.ResponseBodyError && got.error === error && got.status === status;
const challenged = (status) => (got) => got instanceof oauth.WWWAuthenticateChallengeError && got.status === status;

const discover = async (algorithm) => oauth.processDiscoveryResponse(issuer,
  await oauth.discoveryRequest(issuer, { algorithm, ...loopback }));
const server = await discover('oidc');
claim('both descriptions are one', JSON.stringify(await discover('oauth2')) === JSON.stringify(server));
claim('it says S256, iss and both keys', server.code_challenge_methods_supported.join() === 'S256'
  && server.authorization_response_iss_parameter_supported === true, server);

async function authorize(client, more = {}, uri = client.redirect_uris[0]) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({ response_type: 'code', client_id: client.id, redirect_uri: uri, state, nonce,
    scope: 'openid profile email', code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256', ...more });
  const back = await walk(url, given.user.login, given.user.password);
  return { client, verifier, state, nonce, back, uri };
}

async function exchange(login, auth, { verifier = login.verifier, uri = login.uri, nonce = login.nonce } = {}) {
  const client = { client_id: login.client.id, id_token_signed_response_alg: 'ES256' };
  const callback = oauth.validateAuthResponse(server, client, login.back, login.state);
  const reply = await oauth.authorizationCodeGrantRequest(server, client, auth, callback, uri, verifier, loopback);
  return oauth.processAuthorizationCodeResponse(server, client, reply, { expectedNonce: nonce, requireIdToken: true });
}

const refresh = async (id, auth, token, more) => {
  const client = { client_id: id, id_token_signed_response_alg: 'ES256' };
  return oauth.processRefreshTokenResponse(server, client,
    await oauth.refreshTokenGrantRequest(server, client, auth, token, { ...loopback, ...more }));
};
const introspect = async (id, auth, token) => oauth.processIntrospectionResponse(server, { client_id: id },
  await oauth.introspectionRequest(server, { client_id: id }, auth, token, loopback));
const revoke = async (id, auth, token) => oauth.processRevocationResponse(
  await oauth.revocationRequest(server, { client_id: id }, auth, token, loopback));
const userinfo = async (id, token, sub) => oauth.processUserInfoResponse(server, { client_id: id }, sub,
  await oauth.userInfoRequest(server, { client_id: id }, token, loopback));

const pem = (text) => Uint8Array.from(atob(text.replace(/-----[^-]+-----|\s/g, '')), (c) => c.charCodeAt(0));
const key = await crypto.subtle.importKey('pkcs8', pem(signer.private_key), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
const basic = oauth.ClientSecretBasic(web.secret);

for (const [name, client, auth] of [
  ['client_secret_basic', web, basic],
  ['client_secret_post', web, oauth.ClientSecretPost(web.secret)],
  ['none', native, oauth.None()],
  ['private_key_jwt', signer, oauth.PrivateKeyJwt(key)]]) {
  const uri = client === native ? 'http://127.0.0.1:54321/cb' : client.redirect_uris[0];
  const first = await exchange(await authorize(client, {}, uri), auth);
  const claims = oauth.getValidatedIdTokenClaims(first);
  claim(`${name}: the code gives tokens`, first.token_type === 'bearer' && first.refresh_token.length === 43
    && first.expires_in <= 600 && first.scope === 'openid profile email', first);
  claim('and an ID token of the person', claims.sub === given.user.login && claims.aud === client.id && claims.auth_time > 0
    && claims.amr.join() === 'pwd', claims);
  const who = await userinfo(client.id, first.access_token, claims.sub);
  claim('userinfo', who.email === given.user.attributes.email && who.name === given.user.name, who);
  const api = new Request('http://api.example/', { headers: { authorization: `Bearer ${first.access_token}` } });
  const access = await oauth.validateJwtAccessToken(server, api, given.issuer, loopback);
  claim('the access token is one of RFC 9068', access.client_id === client.id && access.sub === claims.sub, access);
  const second = await refresh(client.id, auth, first.refresh_token);
  claim('the refresh rotates', second.refresh_token !== first.refresh_token && second.access_token !== first.access_token, second);
  const again = await refresh(client.id, auth, first.refresh_token);
  claim('a lost answer comes again, to the byte', again.refresh_token === second.refresh_token
    && again.access_token === second.access_token, again);
  const third = await refresh(client.id, auth, second.refresh_token, { additionalParameters: { scope: 'openid' } });
  claim('a narrower scope', third.scope === 'openid', third);
  await refused('a wider one', () => refresh(client.id, auth, third.refresh_token, { additionalParameters: { scope: 'openid phone' } }),
    is('invalid_scope', 400));
  await refused('a token that was spent long ago', () => refresh(client.id, auth, first.refresh_token), is('invalid_grant', 400));
  await refused('ends the family', () => userinfo(client.id, third.access_token, claims.sub), challenged(401));
}

const burnt = await authorize(web);
await refused('a wrong verifier', () => exchange(burnt, basic, { verifier: oauth.generateRandomCodeVerifier() }), is('invalid_grant', 400));
await refused('burns the code', () => exchange(burnt, basic), is('invalid_grant', 400));
await refused('another redirect_uri', async () => exchange(await authorize(web), basic, { uri: web.redirect_uris[1] }), is('invalid_grant', 400));
const replayed = await authorize(web);
const got = await exchange(replayed, basic);
await refused('a code twice', () => exchange(replayed, basic), is('invalid_grant', 400));
await refused('ends what the first one got', () => userinfo(web.id, got.access_token, given.user.login), challenged(401));
const slow = await authorize(web);
await advance('61s');
await refused('a code after a minute', () => exchange(slow, basic), is('invalid_grant', 400));
await refused('a wrong secret', async () => exchange(await authorize(web), oauth.ClientSecretPost('wrong')), is('invalid_client', 401));
await refused('with Basic: a challenge', async () => exchange(await authorize(web), oauth.ClientSecretBasic('wrong')), challenged(401));

const wrongIssuer = await authorize(web);
wrongIssuer.back.searchParams.set('iss', 'https://evil.example');
await refused('another iss', () => exchange(wrongIssuer, basic), (error) => /iss/.test(error.message));
for (const [what, more, error] of [
  ['another response_type', { response_type: 'token' }, 'unsupported_response_type'],
  ['PKCE plain', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['a scope that is not there', { scope: 'openid telepathy' }, 'invalid_scope'],
  ['a resource that is not there', { resource: 'https://nowhere.example/' }, 'invalid_target'],
  ['prompt=none without a login', { prompt: 'none' }, 'login_required']]) {
  const login = await authorize(web, more);
  await refused(what, async () => oauth.validateAuthResponse(server, { client_id: web.id }, login.back, login.state),
    (got) => got instanceof oauth.AuthorizationResponseError && got.error === error);
}
const bare = new URL(server.authorization_endpoint);
bare.search = new URLSearchParams({ response_type: 'code', client_id: native.id, redirect_uri: 'http://127.0.0.1:1/cb', state: 's' });
claim('a public client without PKCE', (await walk(bare, given.user.login, given.user.password)).searchParams.get('error') === 'invalid_request');

const alone = await oauth.processClientCredentialsResponse(server, { client_id: service.id },
  await oauth.clientCredentialsGrantRequest(server, { client_id: service.id }, oauth.ClientSecretPost(service.secret),
    new URLSearchParams({ scope: 'openid' }), loopback));
claim('client credentials', alone.access_token.startsWith('eyJ') && alone.refresh_token === undefined, alone);
const shown = await introspect(service.id, oauth.ClientSecretBasic(service.secret), alone.access_token);
claim('introspection', shown.active && shown.client_id === service.id && shown.sub === service.id && shown.iss === given.issuer, shown);
const hidden = await introspect(web.id, basic, alone.access_token);
claim('another client learns nothing', JSON.stringify(hidden) === '{"active":false}', hidden);
await refused('a public client may not ask', () => introspect(native.id, oauth.None(), alone.access_token), is('invalid_client', 401));
await revoke(service.id, oauth.ClientSecretPost(service.secret), alone.access_token);
const dead = await introspect(service.id, oauth.ClientSecretPost(service.secret), alone.access_token);
claim('a revoked token is not active', JSON.stringify(dead) === '{"active":false}', dead);
await revoke(service.id, oauth.ClientSecretPost(service.secret), 'nonsense');
claim('revoking nonsense is fine', true);

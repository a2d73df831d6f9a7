// oauth4webapi: what extends the code flow, with every check that the library makes.
import * as oauth from 'oauth4webapi';
import { claim, given, refused } from './claims.mjs';
import { walk } from './person.mjs';

const loopback = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(given.base);
const server = await oauth.processDiscoveryResponse(issuer,
  await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...loopback }));
const redirectUri = 'https://client.example/cb';
const is = (error, status = 400) => (got) => got.error === error && got.status === status;

// A library that does DPoP asks again when it is given a nonce.
async function withNonce(act) {
  try {
    return await act();
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return act();
  }
}

// Dynamic registration: one client of every kind.
const register = async (metadata) => oauth.processDynamicClientRegistrationResponse(
  await oauth.dynamicClientRegistrationRequest(server, metadata, loopback));
const keys = await oauth.generateKeyPair('ES256', { extractable: true });
const jwk = await crypto.subtle.exportKey('jwk', keys.publicKey);
const signer = await register({ client_name: 'Signer', redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'private_key_jwt',
  jwks: { keys: [{ ...jwk, kid: 'k1' }] } });
claim('a client with a key has no secret', signer.client_id && !signer.client_secret, signer);
const secretive = await register({ redirect_uris: [redirectUri] });
claim('a client with a secret has one that never ends',
  secretive.client_secret.length >= 43 && secretive.client_secret_expires_at === 0, secretive);
const open = await register({ redirect_uris: ['http://127.0.0.1/cb'], application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'] });
for (const [what, metadata, error] of [
  ['keys that would have to be fetched', { redirect_uris: [redirectUri], jwks_uri: 'http://169.254.169.254/' }, 'invalid_client_metadata'],
  ['http for a web client', { redirect_uris: ['http://client.example/cb'] }, 'invalid_redirect_uri'],
  ['the password grant', { redirect_uris: [redirectUri], grant_types: ['password'] }, 'invalid_client_metadata'],
  ['tokens for itself, unvouched', { grant_types: ['client_credentials'] }, 'invalid_client_metadata']])
  await refused(`registration: ${what}`, () => register(metadata), is(error));

const byKey = oauth.PrivateKeyJwt({ key: keys.privateKey, kid: 'k1' });

// One walk through the browser. `more`: DPoP, and whether the request is pushed.
async function login(client, clientAuth, { uri = redirectUri, push = false, DPoP, scope = 'openid' } = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const asked = new URLSearchParams({ client_id: client.client_id, redirect_uri: uri, response_type: 'code',
    scope, state, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' });
  const url = new URL(server.authorization_endpoint);
  if (push) {
    const pushed = await withNonce(async () => oauth.processPushedAuthorizationResponse(server, client,
      await oauth.pushedAuthorizationRequest(server, client, clientAuth, asked, { DPoP, ...loopback })));
    claim('a pushed request is good for a while', pushed.expires_in > 0 && pushed.expires_in <= 600, pushed);
    url.search = new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri });
  } else url.search = asked;
  const callback = await walk(url, given.user.login, given.user.password);
  const parameters = oauth.validateAuthResponse(server, client, callback, state);
  const redeem = () => withNonce(async () => oauth.processAuthorizationCodeResponse(server, client,
    await oauth.authorizationCodeGrantRequest(server, client, clientAuth, parameters, uri, verifier, { DPoP, ...loopback })));
  return { tokens: await redeem(), redeem, url };
}
const refresh = (client, clientAuth, token, DPoP) => withNonce(async () => oauth.processRefreshTokenResponse(server, client,
  await oauth.refreshTokenGrantRequest(server, client, clientAuth, token, { DPoP, ...loopback })));

// Pushed requests and private_key_jwt (RFC 9126, RFC 7523).
const pushed = await login(signer, byKey, { push: true });
claim('private_key_jwt: a pushed request gives tokens', pushed.tokens.token_type === 'bearer', pushed.tokens);
await refused('a code twice', pushed.redeem, is('invalid_grant'));
await refused('a pushed request twice', () => walk(pushed.url, given.user.login, given.user.password), () => true);
await refused('a request_uri inside a pushed request', async () => oauth.processPushedAuthorizationResponse(server, signer,
  await oauth.pushedAuthorizationRequest(server, signer, byKey,
    new URLSearchParams({ request_uri: 'urn:ietf:params:oauth:request_uri:x' }), loopback)), is('invalid_request'));
const assertion = { text: null };
const recorded = async (as, client, body, headers) => {
  await byKey(as, client, body, headers);
  assertion.text ??= body.get('client_assertion');
  body.set('client_assertion', assertion.text);
};
claim('an assertion once', (await login(signer, recorded)).tokens.access_token.length > 0);
await refused('an assertion twice', () => login(signer, recorded), is('invalid_client', 401));
const strange = await oauth.generateKeyPair('ES256');
await refused('an assertion by another key', () => login(signer, oauth.PrivateKeyJwt({ key: strange.privateKey, kid: 'k1' })),
  is('invalid_client', 401));
const elsewhere = oauth.PrivateKeyJwt({ key: keys.privateKey, kid: 'k1' }, {
  [oauth.modifyAssertion]: (_, payload) => { payload.aud = [server.issuer, 'https://other.example']; } });
await refused('an assertion that is good elsewhere too', () => login(signer, elsewhere), is('invalid_client', 401));

// DPoP (RFC 9449), for a public client.
const native = { uri: 'http://127.0.0.1:18321/cb' };
for (const alg of ['ES256', 'RS256']) {
  const pair = await oauth.generateKeyPair(alg);
  const DPoP = oauth.DPoP(open, pair);
  const { tokens } = await login(open, oauth.None(), { ...native, DPoP, push: true });
  claim(`${alg}: the token is bound`, tokens.token_type === 'dpop', tokens);
  const ask = (token, options) => oauth.userInfoRequest(server, open, token, { ...options, ...loopback });
  const who = await withNonce(async () => {
    const reply = await ask(tokens.access_token, { DPoP });
    return oauth.processUserInfoResponse(server, open, oauth.skipSubjectCheck, reply);
  });
  claim(`${alg}: userinfo with a proof`, who.sub === given.user.login, who);
  claim(`${alg}: a bound token without a proof is refused`, (await ask(tokens.access_token)).status === 401);
  const other = oauth.DPoP(open, await oauth.generateKeyPair(alg));
  claim(`${alg}: with another's proof too`, (await ask(tokens.access_token, { DPoP: other })).status === 401);
  await refused(`${alg}: so is the refresh token`, () => refresh(open, oauth.None(), tokens.refresh_token, other), is('invalid_grant'));
  await refused(`${alg}: and without a proof`, () => refresh(open, oauth.None(), tokens.refresh_token), is('invalid_grant'));
  const next = await refresh(open, oauth.None(), tokens.refresh_token, DPoP);
  claim(`${alg}: the refresh keeps the key`, next.token_type === 'dpop' && next.refresh_token !== tokens.refresh_token, next);
}

// The device grant (RFC 8628).
const device = await oauth.processDeviceAuthorizationResponse(server, open,
  await oauth.deviceAuthorizationRequest(server, open, oauth.None(), new URLSearchParams({ scope: 'openid' }), loopback));
claim('the device is told what to show', /^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/.test(device.user_code)
  && device.interval === 5 && device.expires_in <= 600, device);
const poll = async () => oauth.processDeviceCodeResponse(server, open,
  await oauth.deviceCodeGrantRequest(server, open, oauth.None(), device.device_code, loopback));
await refused('nobody has answered yet', poll, is('authorization_pending'));
await refused('and asking again at once is too often', poll, is('slow_down'));
const done = await walk(device.verification_uri_complete, given.user.login, given.user.password);
claim('the person is told that it is done', done === null, done);
claim('the device has its tokens', (await poll()).access_token.length > 0);
await refused('once', poll, is('invalid_grant'));

// Token exchange (RFC 8693): an API acts for the person on the next one.
const front = { client_id: given.front.id }, back = { client_id: given.back.id };
const mine = (await login(front, oauth.ClientSecretBasic(given.front.secret), { scope: 'openid read write' })).tokens;
const exchange = async (parameters) => oauth.processGenericTokenEndpointResponse(server, back,
  await oauth.genericTokenEndpointRequest(server, back, oauth.ClientSecretPost(given.back.secret),
    'urn:ietf:params:oauth:grant-type:token-exchange', { subject_token: mine.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token', ...parameters }, loopback));
const theirs = await exchange({});
const { act, scope, sub } = JSON.parse(Buffer.from(theirs.access_token.split('.')[1], 'base64url'));
claim('the exchanged token says who acts for whom', act?.sub === back.client_id && sub === given.user.login, { act, sub });
claim('and is no wider than both', scope === 'read' && theirs.issued_token_type.endsWith(':access_token')
  && theirs.refresh_token === undefined, theirs);
await refused('a wider one', () => exchange({ scope: 'read write' }), is('invalid_scope'));
await refused('another audience', () => exchange({ audience: 'https://other.example' }), is('invalid_target'));
await refused('a token that is none', () => exchange({ subject_token: 'x' }), is('invalid_request'));

// openid-client: the flows as most programs write them.
import * as client from 'openid-client';
import { claim, given, refused } from './claims.mjs';
import { walk } from './person.mjs';

const web = given.clients['demo-web'];
const service = given.clients['demo-service'];
const redirect_uri = web.redirect_uris[0];
const configure = (id, secret) => client.discovery(new URL(given.issuer), id,
  { id_token_signed_response_alg: 'ES256' }, client.ClientSecretBasic(secret), { execute: [client.allowInsecureRequests] });
const config = await configure(web.id, web.secret);
const is = (error, status = 400) => (got) => got instanceof client.ResponseBodyError && got.error === error && got.status === status;

async function log_in(more = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier, expectedState: client.randomState(), expectedNonce: client.randomNonce(), idTokenExpected: true };
  const url = client.buildAuthorizationUrl(config, { redirect_uri, scope: 'openid email', state: checks.expectedState,
    nonce: checks.expectedNonce, code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256', ...more });
  return [await walk(url, given.user.login, given.user.password), checks];
}

const [back, checks] = await log_in();
const tokens = await client.authorizationCodeGrant(config, back, checks);
claim('the code gives tokens', tokens.claims().sub === given.user.login && tokens.expiresIn() <= 600, tokens);
const who = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
claim('userinfo', who.email === given.user.attributes.email && who.name === undefined, who);
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
claim('the refresh rotates', renewed.refresh_token !== tokens.refresh_token && renewed.claims().sub === given.user.login, renewed);
const shown = await client.tokenIntrospection(config, renewed.access_token);
claim('introspection', shown.active && shown.username === given.user.login && shown.scope === 'openid email', shown);
await client.tokenRevocation(config, renewed.refresh_token);
claim('revoking the refresh token ends the access token', (await client.tokenIntrospection(config, renewed.access_token)).active === false);
await refused('and the family', () => client.refreshTokenGrant(config, renewed.refresh_token), is('invalid_grant'));
await refused('the same callback again', () => client.authorizationCodeGrant(config, back, checks), is('invalid_grant'));

const [callback, other] = await log_in({ max_age: '0', prompt: 'login' });
await refused('a wrong verifier', () => client.authorizationCodeGrant(config, callback,
  { ...other, pkceCodeVerifier: client.randomPKCECodeVerifier() }), is('invalid_grant'));
const [spoiled, third] = await log_in();
spoiled.searchParams.set('iss', 'https://evil.example');
await refused('another iss', () => client.authorizationCodeGrant(config, spoiled, third), (error) => /iss/.test(error.cause?.message ?? error.message));
const fresh = await log_in({ max_age: '0' });
const aged = await client.authorizationCodeGrant(config, fresh[0], { ...fresh[1], maxAge: 60 });
claim('max_age: the ID token says when', aged.claims().auth_time > 0, aged.claims());

const machine = await configure(service.id, service.secret);
const alone = await client.clientCredentialsGrant(machine, { scope: 'openid' });
claim('client credentials', alone.access_token.startsWith('eyJ'), alone);
await refused('a scope that is not there', () => client.clientCredentialsGrant(machine, { scope: 'telepathy' }), is('invalid_scope'));
const wrong = await configure(service.id, 'wrong');
await refused('a wrong secret', () => client.clientCredentialsGrant(wrong, {}),
  (error) => error instanceof client.WWWAuthenticateChallengeError && error.status === 401);

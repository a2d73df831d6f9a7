// openid-client: the same flow as most programs write it.
import * as client from 'openid-client';
import { advance, claim, given, refused } from './claims.mjs';
import { walk } from './person.mjs';

const metadata = {
  issuer: given.base,
  authorization_endpoint: given.base + '/oauth2/login',
  token_endpoint: given.base + '/oauth2/token',
};
const configure = (secret) => {
  const made = new client.Configuration(metadata, given.client.id, undefined, client.ClientSecretPost(secret));
  client.allowInsecureRequests(made);
  return made;
};
const config = configure(given.client.secret);
const redirect_uri = given.client.redirect_uris[0];

async function callback(state) {
  const url = client.buildAuthorizationUrl(config, { redirect_uri, grant_type: 'authorization_code', state });
  return walk(url, given.user.login, given.user.password);
}
const proof = (token) => client.fetchProtectedResource(config, token,
  new URL(given.base + '/oauth2/api/v1/trust/getTestToken'), 'POST', new URLSearchParams());
const is = (error) => (got) => got instanceof client.ResponseBodyError && got.error === error && got.status === 400;

const state = client.randomState();
const where = await callback(state);
const tokens = await client.authorizationCodeGrant(config, where, { expectedState: state });
claim('the code gives tokens', tokens.access_token.length === 40 && tokens.refresh_token.length === 40, tokens);
claim('its end is in a day', [86397, 86398, 86399].includes(tokens.expiresIn()), tokens.expiresIn());
claim('the proof call', (await (await proof(tokens.access_token)).json()).result.token.length > 0);
await refused('the same callback again', () => client.authorizationCodeGrant(config, where, { expectedState: state }), is('invalid_grant'));

const fresh = client.randomState();
const again = await client.authorizationCodeGrant(config, await callback(fresh), { expectedState: fresh });
await advance('25h');
const renewed = await client.refreshTokenGrant(config, again.refresh_token);
claim('25 h later: a refresh', renewed.access_token !== again.access_token && renewed.refresh_token !== again.refresh_token, renewed);
claim('the proof call', (await proof(renewed.access_token)).status === 200);
await refused('a spent refresh token', () => client.refreshTokenGrant(config, again.refresh_token), is('invalid_grant'));
await refused('a wrong secret', () => client.refreshTokenGrant(configure('wrong'), renewed.refresh_token), is('invalid_client'));
claim('which did not spend it', (await client.refreshTokenGrant(config, renewed.refresh_token)).refresh_token.length === 40);
await refused('a state that nobody sent', async () => client.authorizationCodeGrant(config, await callback('abcd1234'), { expectedState: 'other' }),
  (error) => /state/.test(error.cause?.message));

// jose checks the tokens that others may check: ALOR's ES256 and TCONNECT's RS256.
import { createLocalJWKSet, errors, importJWK, jwtVerify } from 'jose';
import { claim, given, refused } from './claims.mjs';

for (const { name, token, keys, alg, typ, claims, issuer } of given.tokens) {
  const { payload, protectedHeader } = await jwtVerify(token, await importJWK(keys[0], alg), { algorithms: [alg], issuer });
  claim(`${name}: ${alg}, signed by the published key`, protectedHeader.alg === alg && protectedHeader.typ === typ, protectedHeader);
  claim(`${name}: it has a lifetime`, payload.exp > payload.iat, payload);
  claim(`${name}: its claims in order`, claims.every((claim, i) => Object.keys(payload)[i] === claim), Object.keys(payload));
  if (protectedHeader.kid)
    claim(`${name}: its kid finds the key in a set`, !!(await jwtVerify(token, createLocalJWKSet({ keys }))).payload);
  const [header, , signature] = token.split('.');
  const forged = [header, Buffer.from(JSON.stringify({ ...payload, sub: 'somebody' })).toString('base64url'), signature].join('.');
  await refused(`${name}: other claims under the same signature`, async () => jwtVerify(forged, await importJWK(keys[0], alg)),
    (error) => error instanceof errors.JWSSignatureVerificationFailed);
  await refused(`${name}: over, seen from a year later`,
    async () => jwtVerify(token, await importJWK(keys[0], alg), { currentDate: new Date(Date.now() + 366 * 864e5) }),
    (error) => error instanceof errors.JWTExpired);
}

// Seed 004 in JavaScript, step by step, with fetch: encrypt, log in, list, refresh.
import { createCipheriv, randomBytes } from 'node:crypto';

const given = JSON.parse(process.env.GIVEN);

/** Hexadecimal of a random IV and the AES-256-CBC ciphertext. */
function encrypted(plain) {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', Buffer.from(given.key, 'hex'), iv);
  return Buffer.concat([iv, cipher.update(JSON.stringify(plain), 'utf8'), cipher.final()]).toString('hex');
}

async function call(path, plain, token) {
  const headers = { 'Partner-Code': given.partner, 'Content-Type': 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  const reply = await fetch(given.base + path, { method: 'POST', headers, body: JSON.stringify({ data: encrypted(plain) }) });
  return [reply.status, await reply.json()];
}

const login = await call('/openapi/v1/auth/login', given.credentials);
const refresh = await call('/openapi/v1/auth/refresh', { refresh_token: login[1].refresh_token });
console.log(JSON.stringify({
  login,
  list: await call('/openapi/v1/transaction/qr', given.period, login[1].access_token),
  refresh,
  list_again: await call('/openapi/v1/transaction/qr', given.period, refresh[1].access_token),
  wrong_password: await call('/openapi/v1/auth/login', { ...given.credentials, password: 'wrong' }),
  no_token: await call('/openapi/v1/transaction/qr', given.period),
}));

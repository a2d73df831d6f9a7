// Walks both flows as a person would. Orders come as JSON on standard input (run.py).
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {inspect, listen} from './screen.mjs';

const orders = JSON.parse(readFileSync(0, 'utf8'));
const {chromium} = await import(pathToFileURL(orders.playwright));

const kFlags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const kLanguages = [['ru', 'ru-RU'], ['zh-Hant', 'zh-TW'], ['vi', 'vi-VN'], ['en', 'en-GB']];
const kSizes = {
  desktop: {viewport: {width: 1280, height: 800}},
  phone: {viewport: {width: 360, height: 740}, deviceScaleFactor: 2, isMobile: true, hasTouch: true},
};

/** The client's side of the redirect: remembers where the browser came. */
async function callbackServer() {
  const seen = [];
  const server = createServer((request, response) => {
    seen.push(request.url);
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><link rel="icon" href="data:,"><title>done</title><p>done');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {seen, port: server.address().port, close: () => server.close()};
}

function expect(truth, what) {
  if (!truth) throw new Error(what);
}

/** One walk's page, with the checks that every screen of it must pass. */
class Walker {
  constructor(page, language, prefix, problems) {
    Object.assign(this, {page, language, prefix, problems, complaints: []});
    listen(page, this.complaints);
  }

  async screen(name) {
    const picture = join(orders.artefacts, `${this.prefix}-${name}.png`);
    const faults = await inspect(this.page, this.language, picture);
    for (const fault of [...faults, ...this.complaints.splice(0)]) this.problems.push(`${this.prefix} ${name}: ${fault}`);
  }

  async logIn(user, password) {
    await this.page.fill('input[name=login]', user.login);
    await this.page.fill('input[name=password]', password);
    await this.page.click('form button');
  }
}

async function walkAlor(walker, base, system) {
  const {page} = walker, user = system.users[0];
  await page.goto(base + '/tokens');
  await walker.screen('1-start');
  await page.click('a.button');
  await walker.screen('2-login');
  await walker.logIn(user, 'wrong');
  expect(await page.locator('[role=alert]').isVisible(), 'a wrong password is not told');
  await walker.screen('3-wrong');
  await walker.logIn(user, user.password);
  await walker.screen('4-consent');
  await page.click('button.allow');
  await walker.screen('5-tokens');
  expect(/^ey[\w-]+\.[\w-]+\.[\w-]+$/.test(await page.inputValue('#access-token')), 'no access token');
  expect(/^[0-9a-f-]{36}$/.test(await page.inputValue('#refresh-token')), 'no refresh token');
  await page.goto(base + '/tokens/login');
  await walker.screen('6-continue');
  await page.locator('button.link').click();
  await page.locator('input[name=password]').waitFor();
}

async function walkSinopac(walker, base, system, callback) {
  const {page} = walker, user = system.users[0], client = system.clients[0];
  const state = 'state' + Math.floor(Math.random() * 1e9);
  const query = new URLSearchParams({response_type: 'code', grant_type: 'authorization_code',
    client_id: client.id, redirect_uri: client.redirect_uris[0], state});
  const start = `${base}/oauth2/login?${query}`;
  const arrived = async () => {
    await page.waitForURL((url) => url.href.startsWith(client.redirect_uris[0] + '?'));
    const back = new URL(page.url()).searchParams;
    expect(back.get('state') === state, 'another state came back');
    expect(/^[0-9a-f]{40}$/.test(back.get('code') ?? ''), 'no code came back');
    return back.get('code');
  };
  await page.goto(start);
  expect(await page.isChecked('input[name=remember]'), 'the box is not checked');
  await page.click('summary');
  await walker.screen('1-login');
  await walker.logIn(user, 'wrong');
  expect(await page.locator('[role=alert]').isVisible(), 'a wrong password is not told');
  await walker.screen('2-wrong');
  await walker.logIn(user, user.password);
  await walker.screen('3-consent');
  expect(await page.locator('button').count() === 1, 'there is more than one button');
  await page.click('button.allow');
  const code = await arrived();
  await page.goto(start);
  await walker.screen('4-continue');
  expect(!(await page.content()).includes(user.login), 'the login is not masked');
  await page.locator('form button').first().click();
  await page.click('button.allow');
  expect(await arrived() !== code, 'the same code came twice');
  await page.goto(start);
  await page.click('button.link');
  expect((await page.inputValue('input[name=login]')).includes('****'), 'the login was not remembered');
  await walker.screen('5-remembered');
  await page.goto(start.replace('client_id=', 'client_id=un'));
  await walker.screen('6-refused');
  expect(callback.seen.length === 2, 'the client was called ' + callback.seen.length + ' times');
}

async function walk(name, flow, [language, locale], size, javaScriptEnabled, callback, problems) {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-browser-'));
  const system = orders.sandbox.systems[name];
  const registered = system.clients[0].redirect_uris?.[0];
  const args = registered
    ? [...kFlags, `--host-resolver-rules=MAP ${new URL(registered).host} 127.0.0.1:${callback.port}`]
    : kFlags;
  const context = await chromium.launchPersistentContext(directory, {
    executablePath: orders.chromium, headless: true, args, locale, javaScriptEnabled, ...kSizes[size]});
  const prefix = `${name}-${language}-${size}${javaScriptEnabled ? '' : '-noscript'}`;
  callback.seen.length = 0;
  try {
    const walker = new Walker(context.pages()[0] ?? await context.newPage(), language, prefix, problems);
    await flow(walker, orders.sandbox.base_url + (system.prefix ?? ''), system, callback);
  } catch (error) {
    problems.push(`${prefix}: ${error.message}`);
    const page = context.pages()[0];
    if (page) await page.screenshot({path: join(orders.artefacts, `${prefix}-FAILED.png`)}).catch(() => {});
  } finally {
    await context.close();
    rmSync(directory, {recursive: true, force: true});
  }
  console.log(prefix);
}

const callback = await callbackServer();
const problems = [];
for (const [name, flow] of [['alor', walkAlor], ['sinopac', walkSinopac]]) {
  for (const language of kLanguages)
    for (const size of Object.keys(kSizes)) await walk(name, flow, language, size, true, callback, problems);
  await walk(name, flow, kLanguages[3], 'desktop', false, callback, problems);
}
callback.close();
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'all screens are good' : `${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

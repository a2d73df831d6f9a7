// Somebody with a browser and cookies who logs in and agrees; ends where another site begins, or at a page that asks for nothing.

const MOST_PAGES = 12;

export async function walk(start, login, password) {
  const jar = new Map();
  let url = new URL(start);
  const home = url.host;
  let form = null;
  for (let page = 0; page < MOST_PAGES; ++page) {
    const reply = await visit(url, form, jar);
    form = null;
    if (reply.status >= 300 && reply.status < 400) {
      url = new URL(reply.headers.get('location'), url);
      if (url.host !== home) return url;
      continue;
    }
    const text = await reply.text();
    if (reply.status !== 200) throw new Error(`${reply.status} at ${url.pathname}: ${text.slice(0, 200)}`);
    if (!/<form[^>]*method="post"/i.test(text)) return null; // a last page
    [url, form] = fillIn(text, url, login, password);
  }
  throw new Error('the login has no end');
}

async function visit(url, form, jar) {
  const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') };
  const options = { redirect: 'manual', headers };
  if (form) Object.assign(options, { method: 'POST', body: form, headers: { ...headers, origin: url.origin } });
  const reply = await fetch(url, options);
  for (const cookie of reply.headers.getSetCookie()) {
    const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
    if (value === '') jar.delete(name);
    else jar.set(name, value);
  }
  return reply;
}

function fillIn(text, url, login, password) {
  const [, opening, inside] = text.match(/<form([^>]*method="post"[^>]*)>(.*?)<\/form>/is) ?? [];
  if (!opening) throw new Error(`no form at ${url.pathname}`);
  const form = new URLSearchParams();
  let pressed = false;
  for (const [, tag, words] of inside.matchAll(/<(input|button)([^>]*)>/gi)) {
    const at = Object.fromEntries([...words.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, k, v]) => [k, unescape(v ?? '')]));
    const type = at.type ?? (tag === 'button' ? 'submit' : 'text');
    if (type === 'submit') {
      if (at.name && !pressed) form.set(at.name, at.value ?? '');
      pressed = true;
    } else if (!at.name || (type === 'checkbox' && !('checked' in at))) continue;
    else form.set(at.name, type === 'password' ? password : type === 'text' ? at.value || login : (at.value || 'on'));
  }
  const action = unescape(opening.match(/action="([^"]*)"/)?.[1] ?? '');
  return [action ? new URL(action, url) : url, form];
}

function unescape(text) {
  return text.replace(/&(amp|quot|lt|gt|#39|#x27);/g, (_, name) =>
    ({ amp: '&', quot: '"', lt: '<', gt: '>', '#39': "'", '#x27': "'" })[name]);
}

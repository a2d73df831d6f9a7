// What must hold of every screen, whatever it says.

const kSmallestTarget = 44; // CSS pixels, WCAG 2.5.5
const kSmallestText = 16;   // below it, phones zoom into a field

/** Collects what the browser complains of; `expected` are messages that are no complaint. */
export function listen(page, complaints) {
  page.on('console', (message) => {
    // A page that is itself a refusal (a wrong password) is told as a failed load.
    if (/Failed to load resource: the server responded with a status of (400|403|429)/.test(message.text())) return;
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
}

function measure({smallestTarget, smallestText}) {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  if (document.querySelectorAll('h1').length !== 1) faults.push('not exactly one heading');
  if (document.querySelectorAll('main').length !== 1) faults.push('not exactly one main part');
  if (document.scripts.length > 0) faults.push('there is a script');
  for (const field of document.querySelectorAll('input:not([type=hidden]), textarea')) {
    const name = field.name || field.id;
    if (!field.labels || field.labels.length === 0) faults.push(`${name} has no label`);
    if (field.type !== 'checkbox' && field.tagName !== 'TEXTAREA' &&
        parseFloat(getComputedStyle(field).fontSize) < smallestText) faults.push(`${name} is written too small`);
  }
  const seen = (element) => element.offsetParent !== null;
  for (const target of [...document.querySelectorAll('button, a, summary, input[type=text], input[type=password]')].filter(seen)) {
    const height = target.getBoundingClientRect().height;
    if (height < smallestTarget) faults.push(`${target.textContent || target.name} is ${height} high`);
  }
  // Contrast of text on the nearest background that is not transparent (WCAG 1.4.3).
  const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parse(colour).map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (parse(colour)[3] !== 0) return colour;
    }
    return 'rgb(255,255,255)';
  };
  for (const element of [...document.body.querySelectorAll('*')].filter(seen)) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const a = light(getComputedStyle(element).color), b = light(ground(element));
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faults.push(`"${element.textContent.slice(0, 20)}" has a contrast of ${contrast.toFixed(2)}`);
  }
  return {faults, language: root.lang, title: document.title};
}

/** A picture of the screen. Chromium on a busy machine sometimes says that it cannot take one, and can a moment later. */
async function take(page, picture) {
  for (let tries = 3; ; --tries) {
    try {
      return await page.screenshot({path: picture, fullPage: true});
    } catch (error) {
      if (tries === 1 || !error.message.includes('Unable to capture screenshot')) throw error;
    }
  }
}

/** Faults of the screen that is open, and a picture of it. */
export async function inspect(page, language, picture) {
  const found = await page.evaluate(measure, {smallestTarget: kSmallestTarget, smallestText: kSmallestText});
  if (found.language !== language) found.faults.push(`is in "${found.language}", not "${language}"`);
  if (!found.title) found.faults.push('has no title');
  await take(page, picture);
  return found.faults;
}

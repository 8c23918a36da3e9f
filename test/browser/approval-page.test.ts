import { mkdir } from 'node:fs/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DecideDeps, decide } from '../../functions/decide/decide.ts';
import { recordingTelemetry } from '../fakes/telemetry.ts';
import {
  ASKED_AT,
  approverConfiguration,
  linkFor,
  type StoryStores,
  storyApproval,
  storyStores,
  storyTold,
} from '../stories/asked-action.ts';
import { launchBrowser } from './launch.ts';
import { type PeopleEdge, servePeopleEdge } from './people-edge.ts';

const PHONE = { width: 375, height: 812 };
const DESKTOP = { width: 1280, height: 900 };
const SCREENSHOTS = new URL('../../docs/screenshots/', import.meta.url);

let browser: Browser;
let stores: StoryStores;
let edge: PeopleEdge;
let context: BrowserContext | undefined;
let now: Date;
let policy: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  browser = await launchBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  now = new Date(ASKED_AT.getTime() + 90_000);
  policy = {};
  stores = await storyStores({ asked: true });
  // Read at each request: a test may put other stores in place.
  const deps = (): DecideDeps => ({
    ...stores,
    config: approverConfiguration(policy),
    telemetry: recordingTelemetry(),
    now: () => now,
  });
  edge = await servePeopleEdge((event) => decide(deps(), event));
});
afterEach(async () => {
  await context?.close();
  context = undefined;
  await edge.close();
});

/** Opens a page and collects what the browser refused because of the content security policy. */
async function open(
  viewport: { readonly width: number; readonly height: number },
  options: {
    readonly javaScriptEnabled?: boolean;
    readonly colorScheme?: 'light' | 'dark';
    readonly person?: string;
  } = {},
): Promise<{ page: Page; violations: string[]; status: number }> {
  context = await browser.newContext({
    viewport,
    javaScriptEnabled: options.javaScriptEnabled ?? true,
    colorScheme: options.colorScheme ?? 'light',
  });
  const page = await context.newPage();
  const violations: string[] = [];
  page.on('console', (message) => {
    if (/content security policy|refused to/i.test(message.text())) violations.push(message.text());
  });
  page.on('pageerror', (error) => violations.push(error.message));
  const response = await page.goto(await address(options.person ?? 'dana'));
  return { page, violations, status: response?.status() ?? 0 };
}

async function address(person: string): Promise<string> {
  return `${edge.url}/approvals/${storyApproval().approvalId}?t=${await linkFor(stores, person)}`;
}

async function status(): Promise<string | undefined> {
  return (await stores.approvals.get(storyApproval().approvalId))?.status;
}

/** Presses Tab until something with this text or name has the focus: only what a keyboard reaches is found. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await page.locator(`${selector}:focus`).count()) > 0) return;
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

describe.each([
  ['phone', PHONE],
  ['desktop', DESKTOP],
])('the approval page on a %s', (name, viewport) => {
  it('fits the width, shows what is decided, and breaks none of its own policy - approvers read it on the way', async () => {
    const { page, violations, status: code } = await open(viewport);
    expect(code).toBe(200);
    const widths = await page.evaluate('[document.documentElement.scrollWidth, window.innerWidth]');
    expect(widths).toEqual([viewport.width, viewport.width]);
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await page.getByText('"podSelector"').isVisible()).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    expect(await page.title()).toBe('Decide: Quarantine pod payments/checkout-6d9f7c5b8d-x2x9q in prod-eks');
    expect(await page.locator('h1').count()).toBe(1);
    for (const text of ['5e1f0c9a-7f3b-4d6e-9a51-0c1d2e3f4a5b', 'The pod leaves Service checkout.', 'Dana Example']) {
      expect(await page.getByText(text).first().isVisible(), text).toBe(true);
    }
    expect(violations).toEqual([]);
    expect(await status()).toBe('PENDING');
    if (process.env['UPDATE_SCREENSHOTS'] === '1') {
      await mkdir(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: new URL(`approval-${name}.png`, SCREENSHOTS).pathname, fullPage: true });
    }
  });

  it('keeps to the width on a page of refusal too', async () => {
    await stores.approvals.expire(storyApproval().approvalId, now);
    const { page, violations, status: code } = await open(viewport);
    expect(code).toBe(410);
    await page.getByRole('heading', { level: 1, name: 'The time to decide is over', exact: true }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
    expect(violations).toEqual([]);
  });
});

describe('deciding in a browser', () => {
  it('lets a keyboard alone approve with scripts switched off - the page must work for everybody', async () => {
    const { page } = await open(PHONE, { javaScriptEnabled: false });
    await tabTo(page, 'textarea');
    await page.keyboard.type('Seen by <b>Dana</b>');
    await tabTo(page, 'button.approve');
    expect(await status()).toBe('PENDING');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    await page.getByRole('heading', { level: 1, name: 'Approved', exact: true }).waitFor();
    expect(await stores.approvals.get(storyApproval().approvalId)).toMatchObject({
      status: 'APPROVED',
      decidedBy: 'dana',
      comment: 'Seen by <b>Dana</b>',
    });
  });

  it('posts from its own page past the check for foreign sites, and tells no other site where it came from', async () => {
    const { page, violations } = await open(DESKTOP);
    await page.selectOption('select', 'wrong-target');
    await page.click('button.reject');
    await page.waitForSelector('h1:has-text("Rejected")');
    const post = edge.requests.find(({ method }) => method === 'POST');
    expect(post?.headers).toMatchObject({ 'sec-fetch-site': 'same-origin', origin: 'null' });
    expect(post?.headers['referer']).toBeUndefined();
    expect(violations).toEqual([]);
    expect(await status()).toBe('REJECTED');
  });

  it('asks who rejects for the reason with scripts switched off, and lets who approves go without one', async () => {
    const { page } = await open(PHONE, { javaScriptEnabled: false });
    await tabTo(page, 'button.reject');
    await page.keyboard.press('Enter');
    expect(await page.locator('select:invalid').count()).toBe(1);
    expect(edge.requests.filter(({ method }) => method === 'POST')).toEqual([]);
    expect(await status()).toBe('PENDING');
    await page.locator('select').focus();
    await page.keyboard.type('It is a false');
    await tabTo(page, 'button.reject');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    await page.getByRole('heading', { level: 1, name: 'Rejected', exact: true }).waitFor();
    expect(await stores.approvals.get(storyApproval().approvalId)).toMatchObject({ reason: 'false-alarm' });
  });

  it('shows each of two approvers how far it is, and executes nothing before the second', async () => {
    stores = await storyStores({ asked: false });
    await stores.approvals.create(storyApproval({ quorum: 2 }), 'token');
    policy = { policy: [{ quorum: 2 }] };
    const first = await open(PHONE);
    await first.page.fill('textarea', 'Seen, and it is right.');
    await first.page.click('button.approve');
    await first.page.waitForSelector('h1:has-text("Your approval is recorded: 1 of 2")');
    expect(await status()).toBe('PENDING');
    await context?.close();
    for (const [name, viewport] of [
      ['phone', PHONE],
      ['desktop', DESKTOP],
    ] as const) {
      const { page, violations } = await open(viewport, { person: 'sam' });
      expect(await page.getByText('Approvals so far: 1 of 2').isVisible()).toBe(true);
      expect(await page.getByText('Dana Example approved at').isVisible()).toBe(true);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
      expect(violations).toEqual([]);
      if (process.env['UPDATE_SCREENSHOTS'] === '1') {
        await page.screenshot({ path: new URL(`approval-votes-${name}.png`, SCREENSHOTS).pathname, fullPage: true });
      }
      await context?.close();
    }
    const { page } = await open(PHONE, { person: 'sam' });
    await page.click('button.approve');
    await page.waitForSelector('h1:has-text("Approved")');
    expect(await status()).toBe('APPROVED');
  });

  it('shows the second approver who was faster instead of deciding twice', async () => {
    const first = await open(DESKTOP);
    await first.page.click('button.approve');
    await first.page.waitForSelector('h1:has-text("Approved")');
    await context?.close();
    const second = await open(DESKTOP, { person: 'sam' });
    expect(second.status).toBe(409);
    expect(await second.page.textContent('main')).toContain('Dana Example approved this at');
  });

  it('decides nothing however often the page is loaded - mail scanners load every link', async () => {
    const { page } = await open(DESKTOP);
    for (let loads = 0; loads < 10; loads += 1) await page.reload();
    expect(await status()).toBe('PENDING');
    expect(await stores.audit.read(storyApproval().incidentId)).toEqual([]);
  });

  it('shows hostile words as words - text of an attacker must not become part of the page', async () => {
    const headline = '<img src=x onerror=alert(1)></style><script>document.title="owned"</script> \u202Etxt.exe';
    stores = await storyStores({ asked: false });
    await stores.approvals.create(storyApproval({ analysis: { ...storyTold(), headline } }), 'token');
    const { page, violations } = await open(PHONE);
    expect(await page.locator('img, script').count()).toBe(0);
    expect(await page.title()).toMatch(/^Decide: /);
    expect(await page.textContent('main')).toContain(headline.replace('\u202E', '\\u{202e}'));
    expect(violations).toEqual([]);
  });

  it('is readable in dark mode', async () => {
    const { page } = await open(PHONE, { colorScheme: 'dark' });
    const [text, background] = pair(
      await page.evaluate(
        '(() => { const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]; })()',
      ),
    );
    expect(contrast(text, background)).toBeGreaterThan(7);
    for (const selector of ['.soft', 'button.approve', 'summary', '.warn li', 'dt']) {
      expect(contrast(...(await coloursOf(page, selector))), selector).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('keeps the contrast in light mode', async () => {
    const { page } = await open(PHONE);
    for (const selector of [
      '.soft',
      'button.approve',
      'button.reject',
      'summary',
      '.warn li',
      'dt',
      'pre',
      '.chips li',
    ]) {
      expect(contrast(...(await coloursOf(page, selector))), selector).toBeGreaterThanOrEqual(4.5);
    }
  });
});

/** Text colour and the first opaque background behind an element. */
async function coloursOf(page: Page, selector: string): Promise<[string, string]> {
  return pair(
    await page.evaluate(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      let at = element;
      while (at.parentElement && getComputedStyle(at).backgroundColor === 'rgba(0, 0, 0, 0)') at = at.parentElement;
      return [getComputedStyle(element).color, getComputedStyle(at).backgroundColor];
    })()`),
  );
}

function pair(value: unknown): [string, string] {
  if (Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string') return [value[0], value[1]];
  throw new Error('the browser did not answer with two colours');
}

/** WCAG 2.2 contrast ratio of two `rgb(r, g, b)` colours. */
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [...colour.matchAll(/[\d.]+/g)].slice(0, 3).map(([text]) => {
    const channel = Number(text) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

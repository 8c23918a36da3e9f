import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decide } from '../../functions/decide/decide.ts';
import { type SignInDeps, signIn } from '../../functions/sign-in/sign-in.ts';
import { type TestProvider, testProvider } from '../fakes/openid-provider.ts';
import { recordingTelemetry } from '../fakes/telemetry.ts';
import { ASKED_AT, linkFor, type StoryStores, storyApproval, storyStores } from '../stories/asked-action.ts';
import { signInConfiguration, signInDeps } from '../stories/sign-in.ts';
import { launchBrowser } from './launch.ts';
import { type PeopleEdge, servePeopleEdge } from './people-edge.ts';

const SCREENSHOTS = new URL('../../docs/screenshots/', import.meta.url);
const SIZES = [
  ['phone', { width: 375, height: 812 }],
  ['desktop', { width: 1280, height: 900 }],
] as const;

let browser: Browser;
let stores: StoryStores;
let provider: TestProvider;
let edge: PeopleEdge;
let context: BrowserContext | undefined;
let signingIn: SignInDeps;

beforeAll(async () => {
  browser = await launchBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  const now = (): Date => new Date(ASKED_AT.getTime() + 90_000);
  stores = await storyStores({ asked: true });
  provider = await testProvider(now);
  const config = signInConfiguration(provider);
  const telemetry = recordingTelemetry();
  const deciding = { ...stores, config, telemetry, now };
  signingIn = signInDeps({ stores, config, telemetry, now });
  edge = await servePeopleEdge((event) =>
    pathOf(event).startsWith('/sign-in/') ? signIn(signingIn, event) : decide(deciding, event),
  );
});
afterEach(async () => {
  await context?.close();
  context = undefined;
  await Promise.all([edge.close(), provider.close()]);
});

function pathOf(event: unknown): string {
  return typeof event === 'object' && event !== null && 'rawPath' in event ? String(event.rawPath) : '';
}

async function open(viewport: { readonly width: number; readonly height: number }): Promise<{
  readonly page: Page;
  readonly violations: string[];
}> {
  context = await browser.newContext({ viewport, javaScriptEnabled: false, colorScheme: 'light' });
  const page = await context.newPage();
  const violations: string[] = [];
  page.on('console', (message) => {
    if (/content security policy|refused to|cookie/i.test(message.text())) violations.push(message.text());
  });
  const id = storyApproval().approvalId;
  await page.goto(`${edge.url}/approvals/${id}?t=${await linkFor(stores, 'dana')}`);
  return { page, violations };
}

async function keepPicture(page: Page, name: string): Promise<void> {
  if (process.env['UPDATE_SCREENSHOTS'] !== '1') return;
  await page.screenshot({ path: new URL(`${name}.png`, SCREENSHOTS).pathname, fullPage: true });
}

describe.each(SIZES)('signing in to approve, in a browser without scripts, on a %s', (name, viewport) => {
  it('leads from the page to the provider and back, and then one click approves', async () => {
    const { page, violations } = await open(viewport);
    const widths = async (): Promise<unknown> => await page.evaluate('document.documentElement.scrollWidth');
    expect(await page.locator('button.approve').count()).toBe(0);
    expect(await widths()).toBe(viewport.width);
    await keepPicture(page, `approval-sign-in-${name}`);
    const target = await page.getByRole('link', { name: 'Sign in to approve' }).boundingBox();
    // A finger needs 44 pixels.
    expect(target?.height).toBeGreaterThanOrEqual(44);
    await page.getByRole('link', { name: 'Sign in to approve' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('button.approve').waitFor();
    expect(new URL(page.url()).pathname).toBe(`/approvals/${storyApproval().approvalId}`);
    expect((await stores.approvals.get(storyApproval().approvalId))?.votes).toEqual([]);
    expect(await widths()).toBe(viewport.width);
    await keepPicture(page, `approval-signed-in-${name}`);
    await page.locator('button.approve').click();
    await page.getByRole('heading', { level: 1, name: 'Approved', exact: true }).waitFor();
    expect((await stores.approvals.get(storyApproval().approvalId))?.votes.map(({ proof }) => proof?.subject)).toEqual([
      'subject-of-dana',
    ]);
    expect(violations).toEqual([]);
  });

  it('as somebody else ends on a page that says so and leads on', async () => {
    provider.subject = 'subject-of-sam';
    const { page } = await open(viewport);
    await page.getByRole('link', { name: 'Sign in to approve' }).click();
    await page.getByRole('heading', { level: 1, name: 'You are signed in as somebody else', exact: true }).waitFor();
    if (name === 'phone') await keepPicture(page, 'sign-in-somebody-else-phone');
    provider.subject = 'subject-of-dana';
    await page.getByRole('link', { name: 'Sign in as yourself' }).click();
    await page.locator('button.approve').waitFor();
  });
});

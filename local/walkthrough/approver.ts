import type { Approval } from '../../domain/approval/approval.ts';
import type { SentMail } from '../emulator/mail.ts';
import { type Answer, visit } from '../laptop/visit.ts';

/** What is on the page behind an approval link: the form as a browser would see it. */
export interface ApprovalPage {
  readonly address: string;
  readonly html: string;
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Values of the buttons named `decision`. */
  readonly decisions: readonly string[];
}

/** The page holds no form to decide with; `title` is what it says instead. */
export class NoFormError extends Error {
  override readonly name = 'NoFormError';
}

/** Approval links of a mail's text. */
export function linksOf(mail: SentMail): readonly string[] {
  return [...mail.text.matchAll(/https?:\/\/[^\s<>"]+\/approvals\/[^\s<>"]+/g)].map(([link]) => link);
}

/** The links that were mailed about an approval so far, one of each person. */
export function linksAbout(mails: readonly SentMail[], approval: Pick<Approval, 'approvalId'>): readonly string[] {
  const links = mails.flatMap((mail) =>
    linksOf(mail)
      .filter((link) => new URL(link).pathname.endsWith(`/approvals/${approval.approvalId}`))
      .map((link) => [mail.to.join(), link] as const),
  );
  return [...new Map(links).values()];
}

/** The link that was mailed about an approval, if it has been mailed yet. */
export function linkFor(mails: readonly SentMail[], approval: Pick<Approval, 'approvalId'>): string | undefined {
  return mails.flatMap(linksOf).find((link) => new URL(link).pathname.endsWith(`/approvals/${approval.approvalId}`));
}

/** Opens the link as a browser does. @throws NoFormError */
export async function openPage(link: string): Promise<ApprovalPage> {
  const answer = await visit(link, { headers: { accept: 'text/html' } });
  const page = readPage(link, answer.body);
  if (answer.status === 200 && page) return page;
  throw new NoFormError(`the approval page answered ${answer.status}: ${titleOf(answer.body)}`);
}

/** Presses a button of the page. */
export async function decide(
  page: ApprovalPage,
  decision: 'approved' | 'rejected',
  comment: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  if (!page.decisions.includes(decision)) throw new NoFormError(`the page has no button "${decision}"`);
  return await visit(page.action, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      origin: 'null',
      ...headers,
    },
    body: new URLSearchParams({
      ...page.fields,
      comment,
      decision,
      reason: decision === 'rejected' ? 'other' : '',
    }).toString(),
  });
}

/** undefined: there is no form that is posted. */
export function readPage(address: string, html: string): ApprovalPage | undefined {
  const form = /<form\b([^>]*)>([\s\S]*?)<\/form>/i.exec(html);
  const attributes = attributesOf(form?.[1] ?? '');
  if (!form || attributes['method']?.toLowerCase() !== 'post') return undefined;
  const inside = form[2] ?? '';
  const inputs = [...inside.matchAll(/<input\b([^>]*)>/gi)].map((match) => attributesOf(match[1] ?? ''));
  const buttons = [...inside.matchAll(/<button\b([^>]*)>/gi)].map((match) => attributesOf(match[1] ?? ''));
  return {
    address,
    html,
    action: new URL(attributes['action'] ?? '', address).href,
    fields: Object.fromEntries(inputs.flatMap(({ name, value }) => (name ? [[name, value ?? '']] : []))),
    decisions: buttons.flatMap(({ name, value }) => (name === 'decision' && value ? [value] : [])),
  };
}

export function titleOf(html: string): string {
  return decodeEntities(/<h1[^>]*>([^<]*)/i.exec(html)?.[1] ?? 'a page without a heading').trim();
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      decodeEntities(value),
    ]),
  );
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function decodeEntities(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

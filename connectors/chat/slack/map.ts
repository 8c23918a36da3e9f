import type { HeaderBlock, KnownBlock } from '@slack/types';
import type { Block } from '../../../domain/publish/blocks.ts';
import { shorten } from '../../../domain/publish/text.ts';

/** Words of one message. */
export interface ChatWords {
  readonly title: string;
  readonly blocks: readonly Block[];
}
export interface ChatContent extends ChatWords {
  readonly incidentId: string;
}
/** One message about many incidents. */
export interface DigestContent extends ChatWords {
  readonly digestId: string;
}

/** Block Kit's limits (reference of 2026-11); longer texts are cut visibly instead of being refused. */
const LIMITS = { blocks: 50, header: 150, section: 3_000, field: 2_000, fields: 10, text: 3_000 } as const;

/** Slack's own escaping: without it `<!channel>`, `<@U…>` and `<https://evil|ok>` become live. */
export function escapeSlack(text: string): string {
  return text.toWellFormed().replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** @param reserved blocks somebody else adds */
export function messageBlocks({ title, blocks }: ChatWords, reserved = 0): KnownBlock[] {
  const all: KnownBlock[] = [header(title), ...blocks.flatMap(toBlocks)];
  const room = LIMITS.blocks - reserved;
  if (all.length <= room) return all;
  return [...all.slice(0, room - 1), plain('… shortened; the ticket holds the rest.')];
}

/** What a notification and a screen reader say. */
export function fallbackText({ title }: Pick<ChatWords, 'title'>): string {
  return escapeWithin(title, LIMITS.text);
}

function toBlocks(block: Block): KnownBlock[] {
  switch (block.type) {
    case 'heading':
      return block.text.trim() === '' ? [] : [header(block.text)];
    case 'paragraph':
      return block.text.trim() === '' ? [] : [plain(block.text)];
    case 'bullets': {
      const text = block.items.filter((item) => item.trim() !== '').map((item) => `•  ${item}`);
      return text.length === 0 ? [] : [plain(text.join('\n'))];
    }
    case 'facts':
      return groups(block.rows, LIMITS.fields).map((rows) => ({
        type: 'section',
        fields: rows.map(({ label, value }) => ({
          type: 'plain_text',
          text: escapeWithin(`${label}\n${value}`, LIMITS.field),
          emoji: false,
        })),
      }));
    case 'code':
      return block.text.trim() === '' ? [] : [preformatted(block.text)];
    case 'link':
      return block.text || block.url ? [link(block.text || block.url, block.url)] : [];
  }
}

function header(text: string): HeaderBlock {
  return { type: 'header', text: { type: 'plain_text', text: escapeWithin(text, LIMITS.header), emoji: false } };
}

/** plain_text is not parsed for mentions, links or formatting: the right kind for words that came from outside. */
function plain(text: string): KnownBlock {
  return { type: 'section', text: { type: 'plain_text', text: escapeWithin(text, LIMITS.section), emoji: false } };
}

function preformatted(text: string): KnownBlock {
  return {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_preformatted',
        elements: [{ type: 'text', text: shorten(text.toWellFormed(), LIMITS.section) }],
      },
    ],
  };
}

/** rich_text keeps label and address apart, so neither can break out of the other. */
function link(text: string, url: string): KnownBlock {
  const live = URL.canParse(url) && ['https:', 'http:'].includes(new URL(url).protocol);
  const label = shorten(text.toWellFormed(), LIMITS.section);
  return {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [live ? { type: 'link', url, text: label } : { type: 'text', text: label }],
      },
    ],
  };
}

/** Escaping lengthens, so the cut is made where the escaped text still fits; never inside an entity. */
function escapeWithin(text: string, limit: number): string {
  const escaped = escapeSlack(text);
  if (escaped.length <= limit) return escaped;
  let kept = '';
  for (const character of text.toWellFormed()) {
    const next = escapeSlack(character);
    if (kept.length + next.length > limit - 1) break;
    kept += next;
  }
  return `${kept}…`;
}

function groups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

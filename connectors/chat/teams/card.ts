import type { Block } from '../../../domain/publish/blocks.ts';
import { shorten } from '../../../domain/publish/text.ts';

export interface CardWords {
  readonly title: string;
  readonly blocks: readonly Block[];
}

type Element = Readonly<Record<string, unknown>>;

/** Teams takes about 28 KB for the whole message; what is below is counted in UTF-8. */
export const MAX_CARD_BYTES = 28_000;
/** Of one text; the whole is cut by its size below. */
const MAX_TEXT = 2_000;

/**
 * A message with one Adaptive Card 1.4. Words are cut from the end until it fits; the link to the page is a button of its
 * own and never cut. Nothing in the card decides anything: a webhook’s card could not be told from a forged one.
 */
export function cardMessage({ title, blocks }: CardWords): string {
  const links = blocks
    .flatMap((block) => (block.type === 'link' ? [action(block)] : []))
    .filter((one) => one !== undefined);
  const body = blocks.flatMap(elements);
  for (let kept = body.length; kept >= 0; kept -= 1) {
    const note = kept < body.length ? [text('… shortened; the approval page and the ticket hold the rest.')] : [];
    const message = JSON.stringify(messageOf([heading(title), ...body.slice(0, kept), ...note], links));
    if (Buffer.byteLength(message) <= MAX_CARD_BYTES) return message;
  }
  throw new Error('a card without words does not fit');
}

function messageOf(body: readonly Element[], actions: readonly Element[]): Element {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body,
          ...(actions.length === 0 ? {} : { actions }),
        },
      },
    ],
  };
}

function elements(block: Block): Element[] {
  switch (block.type) {
    case 'heading':
      return [{ ...text(block.text), weight: 'Bolder' }];
    case 'paragraph':
      return [text(block.text)];
    case 'bullets':
      return block.items.map((item) => text(`•  ${item}`));
    case 'facts':
      return [
        {
          type: 'FactSet',
          facts: block.rows.map(({ label, value }) => ({ title: plain(label, 200), value: plain(value, MAX_TEXT) })),
        },
      ];
    case 'code':
      return [{ ...text(block.text), fontType: 'Monospace' }];
    case 'link':
      return [];
  }
}

function action({ text: title, url }: { readonly text: string; readonly url: string }): Element | undefined {
  if (!URL.canParse(url) || !['https:', 'http:'].includes(new URL(url).protocol)) return undefined;
  return { type: 'Action.OpenUrl', title: shorten(title, 60), url };
}

function heading(title: string): Element {
  return { ...text(shorten(title, 300)), weight: 'Bolder', size: 'Medium' };
}

function text(words: string): Element {
  return { type: 'TextBlock', wrap: true, text: plain(words, MAX_TEXT) };
}

/**
 * A TextBlock is Markdown, and `{{DATE(…)}}` is a template: each character that could begin either is taken as it is, so
 * that no word of the evidence becomes a link, a mention or a list.
 */
function plain(words: string, limit: number): string {
  return shorten(words.toWellFormed(), limit)
    .replace(/[\\`*_[\]()#+!<>|~&-]/g, (character) => `\\${character}`)
    .replaceAll('{{', '{\u200b{');
}

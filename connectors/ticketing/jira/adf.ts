import type { Block } from '../../../domain/publish/blocks.ts';

/**
 * Atlassian Document Format, version 1: the few node types we emit. Text from outside only ever becomes the `text` of a
 * text node, so it cannot become a mention, a macro, a link or an image.
 */
export type AdfMark =
  | { readonly type: 'strong' }
  | { readonly type: 'link'; readonly attrs: { readonly href: string } };
export interface AdfText {
  readonly type: 'text';
  readonly text: string;
  readonly marks?: readonly AdfMark[];
}
export interface AdfBreak {
  readonly type: 'hardBreak';
}
export type AdfNode =
  | { readonly type: 'heading'; readonly attrs: { readonly level: 3 }; readonly content: readonly AdfText[] }
  | { readonly type: 'paragraph'; readonly content: readonly (AdfText | AdfBreak)[] }
  | { readonly type: 'codeBlock'; readonly content: readonly AdfText[] }
  | { readonly type: 'bulletList'; readonly content: readonly AdfListItem[] };
export interface AdfListItem {
  readonly type: 'listItem';
  readonly content: readonly AdfNode[];
}
export interface AdfDocument {
  readonly type: 'doc';
  readonly version: 1;
  readonly content: readonly AdfNode[];
}

/** Empty texts are left out, because Jira refuses an empty text node (and with it the whole issue). */
export function toAdf(blocks: readonly Block[]): AdfDocument {
  return { type: 'doc', version: 1, content: blocks.flatMap(nodesOf) };
}

function nodesOf(block: Block): AdfNode[] {
  switch (block.type) {
    case 'heading':
      return block.text === '' ? [] : [{ type: 'heading', attrs: { level: 3 }, content: [text(block.text)] }];
    case 'paragraph':
      return block.text === '' ? [] : [paragraph(...lines(block.text))];
    case 'code':
      return block.text === '' ? [] : [{ type: 'codeBlock', content: [text(block.text)] }];
    case 'bullets':
      return list(block.items.filter((item) => item !== '').map((item) => paragraph(...lines(item))));
    case 'facts':
      return list(
        block.rows
          .filter(({ label }) => label !== '')
          .map(({ label, value }) => paragraph(text(`${label}: `, { type: 'strong' }), ...lines(value))),
      );
    case 'link':
      return block.text || block.url ? [paragraph(linkOrText(block.text || block.url, block.url))] : [];
  }
}

/** A text node shows a line break as a space, so breaks are nodes of their own. */
function lines(value: string): (AdfText | AdfBreak)[] {
  return value
    .split('\n')
    .flatMap((line, index) => [
      ...(index === 0 ? [] : [{ type: 'hardBreak' } as const]),
      ...(line === '' ? [] : [text(line)]),
    ]);
}

function linkOrText(label: string, url: string): AdfText {
  const live = URL.canParse(url) && ['https:', 'http:'].includes(new URL(url).protocol);
  return live ? text(label, { type: 'link', attrs: { href: url } }) : text(label);
}

function list(items: readonly AdfNode[]): AdfNode[] {
  return items.length === 0
    ? []
    : [{ type: 'bulletList', content: items.map((item) => ({ type: 'listItem', content: [item] })) }];
}

function paragraph(...content: readonly (AdfText | AdfBreak)[]): AdfNode {
  return { type: 'paragraph', content };
}

function text(value: string, ...marks: readonly AdfMark[]): AdfText {
  // A lone surrogate cannot be written as UTF-8; JSON would carry it, and Jira would refuse it.
  return { type: 'text', text: value.toWellFormed(), ...(marks.length === 0 ? {} : { marks }) };
}

/** All text of a document, for recognising a comment of ours. Any shape is accepted: it comes from outside. */
export function textOfAdf(node: unknown, depth = 0): string {
  if (depth > 50 || node === null || typeof node !== 'object') return '';
  if ('text' in node && typeof node.text === 'string') return node.text;
  return 'content' in node && Array.isArray(node.content)
    ? node.content.map((child) => textOfAdf(child, depth + 1)).join('')
    : '';
}

import type { Block } from '../domain/publish/blocks.ts';
import { printable } from './io.ts';

const WIDTH = 110;

/** What is published about an incident, as lines of a terminal. */
export function renderBlocks(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => renderBlock(block));
}

function renderBlock(block: Block): string[] {
  switch (block.type) {
    case 'heading':
      return ['', printable(block.text), '-'.repeat(Math.min(block.text.length, WIDTH))];
    case 'paragraph':
      return wrap(block.text, '');
    case 'bullets':
      return block.items.flatMap((item) => wrap(item, '  ', '- '));
    case 'facts': {
      const width = Math.max(0, ...block.rows.map(({ label }) => label.length));
      return block.rows.flatMap(({ label, value }) => wrap(value, ' '.repeat(width + 2), `${label.padEnd(width)}: `));
    }
    case 'code':
      return block.text.split('\n').map((line) => `    ${printable(line)}`);
    case 'link':
      return [`${printable(block.text)}: ${printable(block.url)}`];
  }
}

/** Breaks at spaces; `first` stands before the first line, `indent` before the others. */
export function wrap(text: string, indent: string, first = indent): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of printable(text).split(' ')) {
    const empty = line === (lines.length === 0 ? first : indent);
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else {
      line += (empty ? '' : ' ') + word;
    }
  }
  return [...lines, line.trimEnd()];
}

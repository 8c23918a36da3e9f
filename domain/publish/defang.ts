import type { Block } from './blocks.ts';

/**
 * Makes addresses unclickable, because mail clients, Slack and ticket systems turn text into links by themselves:
 * `http://203.0.113.7/x` -> `hxxp://203[.]0[.]113[.]7/x`. Bare domain names are only touched when they are named in
 * `domains` (the entities of the evidence): guessing them would mangle file names such as `checkout.jar`.
 */
export function defang(text: string, domains: readonly string[] = []): string {
  return bracketDomains(text, domains)
    .replace(
      /\b(h)tt(p|ps):\/\/([^\s/?#]+)/gi,
      (_, h: string, p: string, host: string) => `${h}xx${p}://${bracket(host)}`,
    )
    .replace(/(?<![\d.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)/g, '$1[.]$2[.]$3[.]$4');
}

function bracketDomains(text: string, domains: readonly string[]): string {
  return [...domains]
    .filter((domain) => domain.includes('.'))
    .sort((a, b) => b.length - a.length)
    .reduce((result, domain) => result.replaceAll(domain, bracket(domain)), text);
}

/** Dots that are in brackets already stay as they are, so that defanging twice equals defanging once. */
function bracket(host: string): string {
  return host.replace(/(?<!\[)\.(?!\])/g, '[.]');
}

/** The same for a document. Links are ours (see `Block`) and stay live. */
export function defangBlocks(blocks: readonly Block[], domains: readonly string[] = []): Block[] {
  return blocks.map((block) => defangBlock(block, (text) => defang(text, domains)));
}

function defangBlock(block: Block, safe: (text: string) => string): Block {
  switch (block.type) {
    case 'heading':
    case 'paragraph':
    case 'code':
      return { ...block, text: safe(block.text) };
    case 'bullets':
      return { ...block, items: block.items.map(safe) };
    case 'facts':
      return { ...block, rows: block.rows.map(({ label, value }) => ({ label: safe(label), value: safe(value) })) };
    case 'link':
      return block;
  }
}

import { TargetError } from '../../errors.ts';

/** Deeper than any answer of EC2, IAM or STS; what is deeper is refused, so that no answer can exhaust the stack. */
const MAX_DEPTH = 30;
const TOKEN = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)(?:\s[^<>]*?)?(\/?)>|([^<]+)/gy;

/**
 * The XML that the query protocols of AWS answer with, as plain values: an element with text is a string, one with children
 * an object, a repeated child an array. Attributes, document types and entities of one's own are not part of that protocol and
 * are not read.
 * @throws TargetError `unusable`
 */
export function parseXml(text: string): unknown {
  const stack: Open[] = [{ name: '', text: '', children: new Map() }];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text);
    if (token === null) throw broken();
    take(stack, token);
  }
  const [root] = stack;
  if (stack.length !== 1 || root === undefined) throw broken();
  return contentOf(root);
}

function take(stack: Open[], [, closing, name, empty, words]: RegExpExecArray): void {
  const top = stack.at(-1);
  if (top === undefined || stack.length > MAX_DEPTH) throw broken();
  if (words !== undefined) top.text += words;
  if (name === undefined) return;
  if (closing !== '/') stack.push({ name, text: '', children: new Map() });
  if (closing === '/' || empty === '/') close(stack, name);
}

interface Open {
  readonly name: string;
  text: string;
  readonly children: Map<string, unknown[]>;
}

function close(stack: Open[], name: string): void {
  const element = stack.pop();
  const parent = stack.at(-1);
  if (element?.name !== name || parent === undefined) throw broken();
  parent.children.set(name, [...(parent.children.get(name) ?? []), contentOf(element)]);
}

function contentOf({ text, children }: Open): unknown {
  if (children.size === 0) return unescapeXml(text.trim());
  return Object.fromEntries([...children].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w+));/g, (whole, decimal, hex, name) => {
    const code = decimal === undefined ? (hex === undefined ? undefined : Number.parseInt(hex, 16)) : Number(decimal);
    if (code !== undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    return ENTITIES[name] ?? whole;
  });
}

function broken(): TargetError {
  return new TargetError('unusable', 'AWS answered with something that is not the XML of its protocol');
}

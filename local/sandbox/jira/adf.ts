/**
 * The part of the Atlassian Document Format's rules a ticket can break: which nodes exist, what they may hold, which
 * marks they may carry. The first fault is described, as Jira's INVALID_INPUT is for the whole field.
 */
const INLINE = new Set(['text', 'hardBreak', 'emoji', 'mention', 'inlineCard']);
const BLOCK = new Set([
  'paragraph',
  'heading',
  'bulletList',
  'orderedList',
  'codeBlock',
  'rule',
  'panel',
  'blockquote',
]);
const MARKS = new Set(['strong', 'em', 'code', 'link', 'strike', 'underline']);
const MAX_DEPTH = 30;

type Json = Readonly<Record<string, unknown>>;

/** @returns what is wrong, or undefined */
export function faultOfAdf(document: unknown): string | undefined {
  if (!isObject(document)) return 'the document is not an object';
  if (document['type'] !== 'doc' || document['version'] !== 1) return 'the document must be of type doc, version 1';
  return faultOfKeys(document, ['type', 'version', 'content']) ?? faultOfChildren(document, BLOCK, 0);
}

function faultOfChildren(parent: Json, allowed: ReadonlySet<string>, depth: number): string | undefined {
  const content = parent['content'] ?? [];
  if (!Array.isArray(content)) return `content of ${String(parent['type'])} is not a list`;
  if (depth > MAX_DEPTH) return 'the document is nested too deeply';
  for (const node of content) {
    const fault = faultOfNode(node, allowed, depth);
    if (fault) return fault;
  }
  return undefined;
}

function faultOfNode(node: unknown, allowed: ReadonlySet<string>, depth: number): string | undefined {
  if (!isObject(node) || typeof node['type'] !== 'string') return 'a node has no type';
  const type = node['type'];
  if (!allowed.has(type)) return `${type} is not allowed here`;
  const fault = faultOfKeys(node, ['type', 'attrs', 'content', 'text', 'marks']);
  if (fault) return fault;
  switch (type) {
    case 'text':
      return faultOfText(node);
    case 'heading':
      return faultOfLevel(node) ?? faultOfChildren(node, INLINE, depth + 1);
    case 'paragraph':
      return faultOfChildren(node, INLINE, depth + 1);
    case 'codeBlock':
      return faultOfCode(node) ?? faultOfChildren(node, new Set(['text']), depth + 1);
    case 'bulletList':
    case 'orderedList':
      return faultOfEmpty(node) ?? faultOfChildren(node, new Set(['listItem']), depth + 1);
    default:
      return faultOfChildren(node, BLOCK, depth + 1);
  }
}

function faultOfText(node: Json): string | undefined {
  if (typeof node['text'] !== 'string' || node['text'] === '') return 'a text node must have text';
  const marks = node['marks'] ?? [];
  if (!Array.isArray(marks)) return 'marks is not a list';
  for (const mark of marks) {
    if (!isObject(mark) || typeof mark['type'] !== 'string' || !MARKS.has(mark['type'])) return 'a mark is not known';
    if (mark['type'] === 'link' && !isLink(mark['attrs'])) return 'a link has no usable href';
  }
  return undefined;
}

function isLink(attrs: unknown): boolean {
  return isObject(attrs) && typeof attrs['href'] === 'string' && /^https?:\/\//.test(attrs['href']);
}

function faultOfLevel({ attrs }: Json): string | undefined {
  const level = isObject(attrs) ? attrs['level'] : undefined;
  return typeof level === 'number' && level >= 1 && level <= 6 ? undefined : 'a heading needs a level from 1 to 6';
}

function faultOfCode({ content }: Json): string | undefined {
  const marked = Array.isArray(content) && content.some((child) => isObject(child) && child['marks'] !== undefined);
  return marked ? 'text in a codeBlock carries no marks' : undefined;
}

function faultOfEmpty({ type, content }: Json): string | undefined {
  return Array.isArray(content) && content.length > 0 ? undefined : `${String(type)} must not be empty`;
}

function faultOfKeys(node: Json, known: readonly string[]): string | undefined {
  const unknown = Object.keys(node).find((key) => !known.includes(key));
  return unknown === undefined ? undefined : `${unknown} is not a member of ${String(node['type'])}`;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

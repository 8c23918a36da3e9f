import { Slot } from '../slots.ts';
import { isList, isScalar, type Scalar, type Tree } from './tree.ts';

/**
 * A tree as YAML, two spaces a level. Strings are plain where every YAML version reads them as the same string, and JSON
 * strings otherwise, which are YAML's double-quoted ones: no value can end its own place.
 */
export function yaml(tree: Tree): string {
  return `${block(tree, 0).join('\n')}\n`;
}

function block(tree: Tree, depth: number): string[] {
  const indent = '  '.repeat(depth);
  if (isScalar(tree)) return [`${indent}${scalar(tree)}`];
  if (isList(tree)) {
    if (tree.length === 0) return [`${indent}[]`];
    return tree.flatMap((item) => {
      const lines = block(item, depth + 1);
      const [first = '', ...rest] = lines;
      return [`${indent}- ${first.slice(indent.length + 2)}`, ...rest];
    });
  }
  if (tree.entries.length === 0) return [`${indent}{}`];
  return tree.entries.flatMap(([key, value]) => {
    const name = text(key instanceof Slot ? key.text : key);
    if (isScalar(value)) return [`${indent}${name}: ${scalar(value)}`];
    if (isEmpty(value)) return [`${indent}${name}: ${block(value, 0).join('')}`];
    return [`${indent}${name}:`, ...block(value, depth + 1)];
  });
}

function isEmpty(tree: Tree): boolean {
  if (isScalar(tree)) return false;
  return isList(tree) ? tree.length === 0 : tree.entries.length === 0;
}

function scalar(value: Scalar): string {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : text(value.text);
}

const PLAIN = /^[A-Za-z][A-Za-z0-9_./-]*$/;
/** Words some YAML version reads as a boolean or as nothing. */
const RESERVED = /^(?:true|false|yes|no|on|off|y|n|null)$/i;

function text(value: string): string {
  return PLAIN.test(value) && !RESERVED.test(value) ? value : JSON.stringify(value);
}

import { Slot } from '../slots.ts';

/** A body of Terraform: attributes, and blocks within it. */
export interface HclBlock {
  readonly type: string;
  readonly labels?: readonly (string | Slot)[];
  /** A comment of ours above it, one line. */
  readonly comment?: string;
  readonly attributes: readonly (readonly [name: string, value: HclValue])[];
  readonly blocks?: readonly HclBlock[];
}

/** `reference`: an expression of ours, such as `var.admin_cidr`. */
export type HclValue = Slot | number | boolean | { readonly fixed: string } | { readonly reference: string };

export function hcl(blocks: readonly HclBlock[]): string {
  return `${blocks.flatMap((one, index) => [...(index === 0 ? [] : ['']), ...lines(one, 0)]).join('\n')}\n`;
}

function lines(block: HclBlock, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const labels = (block.labels ?? []).map((label) => ` ${quoted(label instanceof Slot ? localName(label) : label)}`);
  const width = Math.max(0, ...block.attributes.map(([name]) => name.length));
  return [
    ...(block.comment === undefined ? [] : [`${indent}# ${block.comment}`]),
    `${indent}${block.type}${labels.join('')} {`,
    ...block.attributes.map(([name, value]) => `${indent}  ${name.padEnd(width)} = ${expression(value)}`),
    ...(block.blocks ?? []).flatMap((inner) => lines(inner, depth + 1)),
    `${indent}}`,
  ];
}

/** A name within the configuration, made of a value: letters, digits and underscores. */
export function localName({ text }: Slot): string {
  const name = text.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  return /^[a-z]/.test(name) ? name : `r_${name}`;
}

function expression(value: HclValue): string {
  if (value instanceof Slot) return quoted(value.text);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return 'reference' in value ? value.reference : quoted(value.fixed);
}

/** A template within a string would be evaluated: its two openings are doubled, which is how HCL writes them as text. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/\$\{/g, '$$$${').replace(/%\{/g, '%%{');
}

export function hclSlots(blocks: readonly HclBlock[]): Slot[] {
  return blocks.flatMap(({ labels = [], attributes, blocks: inner = [] }) => [
    ...labels.filter((label) => label instanceof Slot),
    ...attributes.flatMap(([, value]) => (value instanceof Slot ? [value] : [])),
    ...hclSlots(inner),
  ]);
}

import { checkArgv } from './command/check.ts';
import type { PatchFormat, Step } from './guidance.ts';
import { type HclBlock, hcl, hclSlots } from './patch/hcl.ts';
import { parametersOf, slotsIn, type Tree } from './patch/tree.ts';
import { yaml } from './patch/yaml.ts';
import { type Slot, type Slots, Unrepresentable } from './slots.ts';

/** Words of ours are strings, values of the evidence are slots; a word may be made of both (`container=image`). */
type Word = string | Slot | readonly (string | Slot)[];

/**
 * A command of ours goes through the same check as anybody's: what would be refused of a model is no guidance either.
 * @throws {Unrepresentable}
 */
export function command(
  slots: Slots,
  purpose: string,
  words: readonly (Word | undefined)[],
  { emergency = false }: { readonly emergency?: boolean } = {},
): Step {
  const argv = words.flatMap((word) => (word === undefined ? [] : [textOf(word)]));
  const checked = checkArgv(argv, slots.known);
  if (!checked.ok) throw new Unrepresentable(`a command that ${checked.why}`);
  const { text, effect, needsApproval, parameters } = checked;
  return { kind: 'command', purpose, argv, text, effect, needsApproval, emergency, parameters: [...parameters] };
}

function textOf(word: Word): string {
  if (typeof word === 'string') return word;
  return Array.isArray(word) ? word.map(textOf).join('') : 'text' in word ? word.text : '';
}

export function yamlPatch(
  format: Extract<PatchFormat, 'kubernetes-manifest' | 'helm-values' | 'cloudformation'>,
  purpose: string,
  where: string,
  tree: Tree,
): Step {
  return { kind: 'patch', purpose, format, where, text: yaml(tree), parameters: parametersOf(slotsIn(tree)) };
}

export function terraformPatch(purpose: string, where: string, blocks: readonly HclBlock[]): Step {
  return {
    kind: 'patch',
    purpose,
    format: 'terraform',
    where,
    text: hcl(blocks),
    parameters: parametersOf(hclSlots(blocks)),
  };
}

/** Lines made of words of ours and of slots whose spelling (values.ts) no format here reads as its own. */
export function linesPatch(
  format: Extract<PatchFormat, 'dockerfile' | 'package-manifest'>,
  purpose: string,
  where: string,
  lines: readonly (readonly (string | Slot)[])[],
): Step {
  const slots = lines.flatMap((line) => line.filter((part) => typeof part !== 'string'));
  return {
    kind: 'patch',
    purpose,
    format,
    where,
    text: `${lines.map((line) => line.map((part) => (typeof part === 'string' ? part : part.text)).join('')).join('\n')}\n`,
    parameters: parametersOf(slots),
  };
}

/** `parts` are words of ours and slots; read as one sentence. */
export function hint(...parts: readonly (string | Slot)[]): Step {
  return {
    kind: 'hint',
    text: parts.map((part) => (typeof part === 'string' ? part : part.text)).join(''),
    parameters: parametersOf(parts.filter((part) => typeof part !== 'string')),
  };
}

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { modelAnswerJsonSchema } from '../domain/analysis/verify/answer.ts';
import { toldAnswerJsonSchema } from '../domain/analysis/verify/told.ts';
import { askAnswerJsonSchema } from '../domain/ask/model-answer.ts';
import { canonicalJson, sha256Hex } from '../domain/json/canonical.ts';
import { blockedEventAnswerJsonSchema, remediationAnswerJsonSchema } from '../domain/remediation/answer.ts';
import { SOURCES } from '../domain/source.ts';

/** A prompt file cannot be used; the message says what to change. */
export class PromptError extends Error {
  override readonly name = 'PromptError';
}

/** Every prompt of the project; a file beside these that is not named here is compiled into nothing. */
const IDS = [
  'incident-analysis',
  'repair',
  'ask',
  'remediation-guidance',
  'blocked-event',
  'anomaly-explanation',
  'ticket-summary',
  'chat-summary',
  'briefing-narrative',
] as const;

/** Schemas of answers by the name a prompt's front matter gives; part of the prompt's hash. */
const OUTPUTS: Readonly<Record<string, () => unknown>> = {
  'incident-analysis': modelAnswerJsonSchema,
  ask: askAnswerJsonSchema,
  'remediation-guidance': remediationAnswerJsonSchema,
  'blocked-event': blockedEventAnswerJsonSchema,
  told: toldAnswerJsonSchema,
  unchanged: () => null,
};

/** The output of a turn within a conversation: system part, evidence and shape of the answer are those of the prompt that opened it. */
const TURN = 'unchanged';

const list = z
  .string()
  .regex(/^\[(?:[a-z_]+(?:, [a-z_]+)*)?\]$/, 'must be a list such as [boundary, evidence]')
  .transform((text) => (text === '[]' ? [] : text.slice(1, -1).split(', ')));

const frontMatterSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'must be three numbers, e.g. 1.2.0'),
  owner: z.string().min(1),
  output: z.string().refine((name) => Object.hasOwn(OUTPUTS, name), 'must name a known output schema'),
  partials: list.optional(),
  stable_slots: list,
  volatile_slots: list,
  evidence_characters: z.coerce.number().int().nonnegative(),
});

const lockSchema = z.record(z.string(), z.strictObject({ version: z.string(), sha256: z.string() }));
export type Lock = z.infer<typeof lockSchema>;

export interface CompiledPrompt {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  readonly system: string;
  readonly user: string;
  readonly evidenceCharacters: number;
}

/**
 * One prompt file. The front matter is flat `key: value` lines; the body has `## system` and `## user`, partials `{{> name}}`
 * that are put in here, and slots `{{name}}`. Stable slots stand in the system part only and volatile ones in the user part
 * only, so that the part that is the same for every incident stays the same byte for byte.
 * @param partial the text of a partial by its name; undefined for one that does not exist
 */
export function compilePrompt(
  file: string,
  text: string,
  partial: (name: string) => string | undefined = readPartial,
): CompiledPrompt {
  const source = withPartials(file, text.replaceAll('\r\n', '\n'), partial);
  const [, head, system, user] =
    /^---\n([\s\S]*?)\n---\n\s*## system\n([\s\S]*?)\n## user\n([\s\S]*)$/.exec(source) ?? [];
  if (head === undefined || system === undefined || user === undefined)
    throw new PromptError(`${file}: must have front matter between --- lines, then "## system", then "## user"`);
  const parsed = frontMatterSchema.safeParse(fields(file, head));
  if (!parsed.success) throw new PromptError(`${file}: ${z.prettifyError(parsed.error)}`);
  const { id, version, output, partials = [], stable_slots, volatile_slots, evidence_characters } = parsed.data;
  if (output === TURN) {
    if (system.trim() !== '' || evidence_characters > 0)
      throw new PromptError(`${file}: a turn (output: ${TURN}) has no system part and no evidence of its own`);
  } else if (stable_slots.length === 0 || volatile_slots.length === 0 || evidence_characters === 0)
    throw new PromptError(`${file}: a prompt has slots in both parts and evidence_characters above 0`);
  requirePartials(file, text, partials);
  requireSlots(file, 'system', system, stable_slots);
  requireSlots(file, 'user', user, volatile_slots);
  return {
    id,
    version,
    sha256: sha256Hex(`${source}\n${canonicalJson(OUTPUTS[output]?.())}`),
    system: system.trim(),
    user: user.trim(),
    evidenceCharacters: evidence_characters,
  };
}

const PARTIAL = /\{\{> ([a-z_]+)\}\}/g;

/** Partials hold no partials: one level can be read without a tool. */
function withPartials(file: string, text: string, partial: (name: string) => string | undefined): string {
  return text.replaceAll(PARTIAL, (_, name: string) => {
    const found = partial(name);
    if (found === undefined) throw new PromptError(`${file}: there is no partial ${name}`);
    return found.replaceAll('\r\n', '\n').trim();
  });
}

function requirePartials(file: string, text: string, declared: readonly string[]): void {
  const used = new Set([...text.matchAll(PARTIAL)].map(([, name]) => name ?? ''));
  for (const name of used)
    if (!declared.includes(name)) throw new PromptError(`${file}: partial ${name} is not declared`);
  for (const name of declared)
    if (!used.has(name)) throw new PromptError(`${file}: partial ${name} is declared but not used`);
}

function fields(file: string, head: string): Record<string, string> {
  // The formatter puts a blank line after the first ---.
  const lines = head.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const [, key, value] = /^([a-z_]+): (.+)$/.exec(line) ?? [];
      if (key === undefined || value === undefined)
        throw new PromptError(`${file}: front matter line "${line}" is not "key: value"`);
      return [key, value.trim()];
    }),
  );
}

function requireSlots(file: string, part: string, text: string, declared: readonly string[]): void {
  const used = new Set([...text.matchAll(/\{\{([^{}]*)\}\}/g)].map(([, name]) => name ?? ''));
  for (const name of used)
    if (!declared.includes(name))
      throw new PromptError(`${file}: {{${name}}} in ${part} is not declared for that part`);
  for (const name of declared)
    if (!used.has(name)) throw new PromptError(`${file}: slot ${name} is declared but not used in ${part}`);
}

/** A changed prompt must have a changed version, because reports and the audit log name the version. */
export function lockFor(prompts: readonly CompiledPrompt[], before: Lock): Lock {
  for (const { id, version, sha256 } of prompts) {
    const known = before[id];
    if (known && known.version === version && known.sha256 !== sha256)
      throw new PromptError(
        `prompt ${id} (or its answer schema) changed but its version is still ${version}; raise it`,
      );
  }
  return Object.fromEntries(prompts.map(({ id, version, sha256 }) => [id, { version, sha256 }]));
}

const MADE = '// Made by prompts/compile.ts (`tsx prompts/compile.ts --write`); edit the .md files instead.\n';

/** A module for each prompt, so that a function carries the ones it uses. */
export function generatedModule(prompt: CompiledPrompt): string {
  return `${MADE}export const PROMPT = ${JSON.stringify(prompt)} as const;\n`;
}

/** What a model is told about the product that raised the alert, with the hash that goes into the audit log. */
export interface VendorNotes {
  readonly text: string;
  readonly sha256: string;
}

export function readVendorNotes(): Readonly<Record<string, VendorNotes>> {
  return Object.fromEntries(
    SOURCES.map((source) => {
      const text = readFileSync(here(`partials/vendors/${source}.md`), 'utf8')
        .replaceAll('\r\n', '\n')
        .trim();
      return [source, { text, sha256: sha256Hex(text) }];
    }),
  );
}

function here(name: string): URL {
  return new URL(name, import.meta.url);
}

function readPartial(name: string): string | undefined {
  const file = here(`partials/${name}.md`);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

export function readPrompts(): CompiledPrompt[] {
  return IDS.map((id) => compilePrompt(`${id}.prompt.md`, readFileSync(here(`${id}.prompt.md`), 'utf8')));
}

export function readLock(): Lock {
  return lockSchema.parse(JSON.parse(readFileSync(here('prompts.lock.json'), 'utf8')));
}

if (process.argv[1] === here('compile.ts').pathname && process.argv.includes('--write')) {
  const prompts = readPrompts();
  writeFileSync(here('prompts.lock.json'), `${JSON.stringify(lockFor(prompts, readLock()), null, 2)}\n`);
  mkdirSync(here('generated'), { recursive: true });
  for (const prompt of prompts) writeFileSync(here(`generated/${prompt.id}.ts`), generatedModule(prompt));
  writeFileSync(
    here('generated/vendors.ts'),
    `${MADE}export const VENDOR_NOTES = ${JSON.stringify(readVendorNotes())} as const;\n`,
  );
}

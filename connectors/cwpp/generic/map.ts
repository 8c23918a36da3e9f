import { attacksFor } from '../../../domain/ocsf/attacks.ts';
import type { Normalization, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import type { DeliveryContext } from '../delivery.ts';
import { type Compiled, compileMapping } from './compile.ts';
import { mappedFinding } from './mapped-finding.ts';
import { type Mapped, mappedSchema, sentenceOf } from './schema.ts';

/** Findings of one body; a body that holds more is a report and no alert. */
const MAX_FINDINGS = 1_000;
const MAX_NOTES = 50;

/** Any JSON body through the operator's mapping. Never throws for any value and any mapping. */
export async function normalize(received: unknown, delivery: DeliveryContext): Promise<Normalization> {
  if (delivery.mapping === undefined) {
    return refused('there is no mapping: name one in sources.generic.mappingFile (or try one with --mapping)');
  }
  const body = typeof received === 'string' ? parseJson(received) : { value: received };
  if (body === undefined) return refused('the body is not JSON');
  const compiled = await compiledMapping(delivery.mapping);
  if (!compiled.ok) return compiled;
  const made = await compiled.mapping.evaluate(body.value);
  if (!made.ok) return made;
  return readMapped(made.value, delivery);
}

function readMapped(value: unknown, delivery: DeliveryContext): Normalization {
  if (value === undefined || value === null) return refused('the mapping found nothing in the body that it reads');
  const drafts = Array.isArray(value) ? value : [value];
  if (drafts.length === 0)
    return { ok: true, findings: [], notes: ['the mapping made no finding of the body, on purpose ([])'] };
  if (drafts.length > MAX_FINDINGS)
    return refused(`the mapping made ${drafts.length} findings; ${MAX_FINDINGS} are the most`);
  const findings: NormalizedFinding[] = [];
  const notes = new Set<string>();
  for (const [index, draft] of drafts.entries()) {
    const parsed = mappedSchema.safeParse(draft);
    const which = drafts.length === 1 ? 'the finding of the mapping' : `finding ${index + 1} of the mapping`;
    if (!parsed.success) return refused(`${which} is not as it must be: ${sentenceOf(parsed.error)}`);
    const reading = readOne(parsed.data, delivery);
    if (!reading.ok) return refused(`${which} is not as it must be: ${reading.reason}`);
    for (const finding of reading.findings) findings.push(finding);
    for (const note of reading.notes) notes.add(note);
  }
  return { ok: true, findings, notes: [...notes].slice(0, MAX_NOTES) };
}

function readOne(mapped: Mapped, delivery: DeliveryContext): Normalization {
  if (mapped.status === 'resolved') {
    return { ok: true, findings: [], notes: ['the sender says that an earlier alert is resolved; that opens nothing'] };
  }
  const { attacks, unknown } = attacksFor(mapped.techniques.map((id) => id.toUpperCase()));
  const notes = unknown.map(
    (id) => `ATT&CK id ${id.slice(0, 40)} is not in force in the pinned catalogue and was dropped`,
  );
  return mappedFinding(mapped, attacks, notes, delivery);
}

function refused(reason: string): Normalization {
  return { ok: false, reason };
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text.replace(/^\uFEFF/, '')) };
  } catch {
    // Not JSON is an answer here, not a failure.
    return undefined;
  }
}

/** Why a mapping is interpreted and not compiled, in a sentence for people; nothing for one that is, or is none. */
export async function interpretedBecause(mapping: string): Promise<string | undefined> {
  const compiled = await compiledMapping(mapping);
  return compiled.ok ? compiled.mapping.note : undefined;
}

/** The configuration has one mapping, so one is kept. */
let kept: { readonly text: string; readonly compiled: Compiled } | undefined;

async function compiledMapping(text: string): Promise<Compiled> {
  if (kept?.text === text) return kept.compiled;
  const { default: jsonata } = await import('jsonata');
  const compiled = compileMapping(jsonata, text);
  kept = { text, compiled };
  return compiled;
}

import { cleanText, redactSecrets } from '../evidence/clean.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';
import type { AnalysisBody } from './analysis.ts';

/** Evidence as a model is shown it. */
export interface ModelView {
  /** One line of JSON. */
  readonly text: string;
  /** How many pieces did not fit. */
  readonly leftOut: number;
}

/**
 * The pack as one line of JSON for a model's user turn. What the rules' account stands on comes before the rest when not
 * everything fits; the order shown is always that of the ids.
 *
 * White space of texts an attacker could have chosen, and of all labels, is written as `^` (spotlighting, arXiv 2403.14720:
 * a mark inside the data that text in the data cannot take off). That lowers the success of injections and stops none; what
 * stops them is that nothing a model says leads to an action.
 */
export function modelView(pack: EvidencePack, rules: AnalysisBody, maxCharacters: number): ModelView {
  const told = new Set(rules.narrative.flatMap(({ evidence }) => evidence));
  const first = [...pack.items.filter(({ id }) => told.has(id)), ...pack.items.filter(({ id }) => !told.has(id))];
  return itemsView(pack.items, pack.entities, maxCharacters, first);
}

/** Some items with the entities they name, as `modelView` shows them: for evidence that was looked up. `first`: which to prefer. */
export function itemsView(
  all: readonly EvidenceItem[],
  entities: EvidencePack['entities'],
  maxCharacters: number,
  first: readonly EvidenceItem[] = all,
): ModelView {
  const labels = new Map(entities.map((entity) => [entity.id, entityView(entity)]));
  const shown = fitting(first, labels, maxCharacters);
  const items = all.filter((item) => shown.has(item)).map(itemView);
  const named = new Set(items.flatMap((item) => item.entities));
  const shownLabels = [...labels.values()].filter(({ id }) => named.has(id));
  return { text: JSON.stringify({ items, entities: shownLabels }), leftOut: all.length - items.length };
}

interface EntityView {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
}

function entityView({ id, kind, label }: EvidencePack['entities'][number]): EntityView {
  return { id, kind, label: spotlight(cleanText(label, { max: 120 })) };
}

/** Redacted once more as a sentence: a name and its value may come from two fields that were each cleaned alone. */
function itemView({ id, source, trust, text, entities }: EvidenceItem) {
  const redacted = redactSecrets(text);
  return { id, source, trust, text: trust === 'attacker_influenced' ? spotlight(redacted) : redacted, entities };
}

/** What is around the lists, in characters. */
const FRAME = '{"items":[],"entities":[]}'.length;

/** Items count with the entities that come with them. */
function fitting(
  items: readonly EvidenceItem[],
  labels: ReadonlyMap<string, EntityView>,
  maxCharacters: number,
): ReadonlySet<EvidenceItem> {
  const shown = new Set<EvidenceItem>();
  const named = new Set<string>();
  let used = FRAME;
  for (const item of items) {
    const fresh = item.entities.filter((id) => labels.has(id) && !named.has(id));
    used += sizeOf(itemView(item)) + fresh.reduce((sum, id) => sum + sizeOf(labels.get(id)), 0);
    if (used > maxCharacters) break;
    shown.add(item);
    for (const id of fresh) named.add(id);
  }
  return shown;
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length + 1;
}

function spotlight(text: string): string {
  return text.replace(/\s/g, '^');
}

/** What the rules decided, for the model to write within: fixed words and ids only, no text from the evidence. */
export function judgementView(rules: AnalysisBody): string {
  return JSON.stringify({
    verdict: rules.verdict,
    severity: rules.severity,
    confidence: rules.confidence,
    techniques: rules.techniques.map(({ id, name, evidence }) => ({ id, name, evidence })),
    vulnerabilities: rules.vulnerabilities
      .filter(({ cve }) => /^[A-Z]+-[\w-]{4,40}$/.test(cve))
      .slice(0, 10)
      .map(({ cve, relevance, evidence }) => ({ cve, relevance, evidence })),
    actions: rules.actions.map(({ action, target }) => ({ action, target })),
  });
}

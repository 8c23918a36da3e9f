import * as z from 'zod';
import { digestOf } from '../json/canonical.ts';
import { severitySchema } from '../severity.ts';
import { workloadSchema } from '../workload.ts';
import { describeFact } from './describe.ts';
import { factSchema } from './fact.ts';

export const ENTITY_KINDS = [
  'container',
  'pod',
  'workload',
  'image',
  'node',
  'instance',
  'namespace',
  'cluster',
  'principal',
  'role-binding',
  'secret',
  'ip',
  'domain',
  'process',
  'file',
  'package',
  'cve',
  'service',
] as const;
export const entityKindSchema = z.enum(ENTITY_KINDS);
export type EntityKind = z.infer<typeof entityKindSchema>;

/** A thing evidence speaks of. `canonical` is what code acts on (uid, digest, `cluster/ns/name`); `label` is what people and models read. */
export const entityRefSchema = z.object({
  kind: entityKindSchema,
  canonical: z.string().min(1),
  label: z.string().min(1),
});
export type EntityRef = z.infer<typeof entityRefSchema>;

/** vendor: the vendor's own judgement or inventory · own: read by us from a system of record · attacker_influenced: text the workload could have chosen. */
export const trustSchema = z.enum(['vendor', 'own', 'attacker_influenced']);
export type Trust = z.infer<typeof trustSchema>;

export const evidenceSourceSchema = z.enum([
  'alert',
  'cwpp_api',
  'kubernetes_api',
  'cloud_api',
  'vuln_db',
  'threat_intel',
  'history',
]);
export type EvidenceSource = z.infer<typeof evidenceSourceSchema>;

/** One fact before it has a number: what a gatherer returns. */
export const evidenceDraftSchema = z.object({
  source: evidenceSourceSchema,
  /** Where in the source it was read, e.g. `GET /audits/incidents [0].audits[0]`. */
  field: z.string(),
  trust: trustSchema,
  observedAt: z.iso.datetime(),
  fact: factSchema,
  entities: z.array(entityRefSchema),
});
export type EvidenceDraft = z.infer<typeof evidenceDraftSchema>;

/** The parts GatherEvidence reads side by side; each may fail alone. The order is the order of numbering. */
export const EVIDENCE_PARTS = [
  'alert-details',
  'runtime-activity',
  'vulnerabilities',
  'workload',
  'identity',
  'network',
  'recent-deployments',
  'baseline',
  'threat-intel',
  'history',
] as const;
export const evidencePartNameSchema = z.enum(EVIDENCE_PARTS);
export type EvidencePartName = z.infer<typeof evidencePartNameSchema>;

export const evidencePartSchema = z.lazy(() =>
  z.object({
    part: evidencePartNameSchema,
    gatheredAt: z.iso.datetime(),
    drafts: z.array(evidenceDraftSchema),
    /** What this part cost its sources. */
    cost: z.object({ calls: z.number().int(), bytes: z.number().int(), milliseconds: z.number() }),
  }),
);
export type EvidencePart = z.infer<typeof evidencePartSchema>;

export const entitySchema = entityRefSchema.extend({ id: z.string().regex(/^N[1-9]\d*$/) });
export type Entity = z.infer<typeof entitySchema>;

export const evidenceItemSchema = z.lazy(() =>
  z.object({
    id: z.string().regex(/^E[1-9]\d*$/),
    part: evidencePartNameSchema,
    source: evidenceSourceSchema,
    field: z.string(),
    trust: trustSchema,
    observedAt: z.iso.datetime(),
    /** Digest of the fact in canonical JSON: the audit log names it, so a later change of the pack shows. */
    digest: z.string(),
    /** Cleaned, capped and redacted rendering of the fact. */
    text: z.string(),
    entities: z.array(z.string()),
    fact: factSchema,
  }),
);
export type EvidenceItem = z.infer<typeof evidenceItemSchema>;

export const evidencePackSchema = z.lazy(() =>
  z.object({
    incidentId: z.string(),
    workload: workloadSchema,
    /** Highest severity of the findings: the floor no analysis may go below. */
    vendorSeverity: severitySchema,
    items: z.array(evidenceItemSchema),
    entities: z.array(entitySchema),
    cost: z.object({ calls: z.number().int(), bytes: z.number().int(), milliseconds: z.number() }),
  }),
);
export type EvidencePack = z.infer<typeof evidencePackSchema>;

/**
 * Numbers the drafts of all parts in a fixed order (E1…, N1…), so that the same parts give the same ids and the same
 * digest. Drafts with equal facts are kept once, at their first place, with the entities of all of them: two pods of one
 * controller have the same security context.
 */
export function composePack(input: {
  readonly incidentId: string;
  readonly workload: EvidencePack['workload'];
  readonly vendorSeverity: EvidencePack['vendorSeverity'];
  readonly parts: readonly EvidencePart[];
}): EvidencePack {
  const ordered = [...input.parts].sort((a, b) => EVIDENCE_PARTS.indexOf(a.part) - EVIDENCE_PARTS.indexOf(b.part));
  const entities = new Map<string, Entity>();
  const items = new Map<string, EvidenceItem>();
  for (const part of ordered) for (const draft of part.drafts) number({ items, entities }, part.part, draft);
  return {
    incidentId: input.incidentId,
    workload: input.workload,
    vendorSeverity: input.vendorSeverity,
    items: [...items.values()],
    entities: [...entities.values()],
    cost: sumCost(ordered),
  };
}

interface Numbered {
  /** By digest of the fact. */
  readonly items: Map<string, EvidenceItem>;
  /** By kind and canonical name. */
  readonly entities: Map<string, Entity>;
}

function number({ items, entities }: Numbered, part: EvidencePartName, draft: EvidenceDraft): void {
  const digest = digestOf(draft.fact);
  const ids = draft.entities.map((ref) => entityId(entities, ref));
  const known = items.get(digest);
  if (known !== undefined) {
    items.set(digest, { ...known, entities: [...new Set([...known.entities, ...ids])] });
    return;
  }
  items.set(digest, {
    id: `E${items.size + 1}`,
    part,
    source: draft.source,
    field: draft.field,
    trust: draft.trust,
    observedAt: draft.observedAt,
    digest,
    text: describeFact(draft.fact),
    entities: [...new Set(ids)],
    fact: draft.fact,
  });
}

/**
 * The pack with what was looked up later: numbers go on, what was there keeps its number, and a fact that is there already
 * is not repeated.
 */
export function extendPack(
  pack: EvidencePack,
  more: {
    readonly part: EvidencePartName;
    readonly drafts: readonly EvidenceDraft[];
    readonly cost: EvidencePack['cost'];
  },
): EvidencePack {
  const items = new Map(pack.items.map((item) => [item.digest, item]));
  const entities = new Map(pack.entities.map((entity) => [entityKey(entity), entity]));
  for (const draft of more.drafts) number({ items, entities }, more.part, draft);
  return {
    ...pack,
    items: [...items.values()],
    entities: [...entities.values()],
    cost: {
      calls: pack.cost.calls + more.cost.calls,
      bytes: pack.cost.bytes + more.cost.bytes,
      milliseconds: pack.cost.milliseconds + more.cost.milliseconds,
    },
  };
}

function entityKey({ kind, canonical }: EntityRef): string {
  return `${kind}\u0000${canonical}`;
}

function entityId(entities: Map<string, Entity>, ref: EntityRef): string {
  const key = entityKey(ref);
  const known = entities.get(key);
  if (known) return known.id;
  const entity: Entity = { ...ref, id: `N${entities.size + 1}` };
  entities.set(key, entity);
  return entity.id;
}

function sumCost(parts: readonly EvidencePart[]): EvidencePack['cost'] {
  return parts.reduce(
    (sum, { cost }) => ({
      calls: sum.calls + cost.calls,
      bytes: sum.bytes + cost.bytes,
      milliseconds: Math.max(sum.milliseconds, cost.milliseconds),
    }),
    { calls: 0, bytes: 0, milliseconds: 0 },
  );
}

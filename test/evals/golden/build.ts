import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { activityDrafts, networkDrafts } from '../../../connectors/cwpp/detection/facts.ts';
import { evidenceSourceFor } from '../../../connectors/cwpp/evidence-registry.ts';
import { CWPP_PARTS } from '../../../connectors/cwpp/evidence-source.ts';
import { alertDrafts } from '../../../connectors/cwpp/prisma-cloud-compute/evidence/alerts.ts';
import { subjectEntities } from '../../../connectors/cwpp/prisma-cloud-compute/evidence/entities.ts';
import {
  type PolicyRecord,
  policyDrafts,
} from '../../../connectors/cwpp/prisma-cloud-compute/evidence/policy-drafts.ts';
import {
  admissionAuditSchema,
  firewallAuditSchema,
} from '../../../connectors/cwpp/prisma-cloud-compute/policy-records.ts';
import { mapperFor } from '../../../connectors/cwpp/registry.ts';
import { realHttp } from '../../../connectors/http/request.ts';
import type { Configuration } from '../../../domain/config/schema.ts';
import {
  composePack,
  EVIDENCE_PARTS,
  type EvidenceDraft,
  type EvidencePack,
  type EvidencePart,
  type EvidencePartName,
} from '../../../domain/evidence/pack.ts';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { maxSeverity, type Severity } from '../../../domain/severity.ts';
import { sampleConfiguration } from '../../fakes/configuration.ts';
import { memorySecrets } from '../../fakes/secrets.ts';
import type { AlertSpec, GoldenCase } from './case.ts';
import type { Clock, Drafts } from './clock.ts';
import { contextDrafts } from './context.ts';

const ROOT = new URL('../../../', import.meta.url);
const MAPPING_FILE = 'connectors/cwpp/generic/examples/tetragon-export.jsonata';
const objectSchema = z.record(z.string(), z.unknown());

/** The configuration the sources need to read their own events; nobody is called. */
const CONFIGURATION: Configuration = sampleConfiguration({
  sources: {
    falco: {
      webhook: { secret: 'parapet/falco/webhook', allowedNetworks: ['203.0.113.0/24'] },
      queue: { senderArns: ['arn:aws:iam::111122223333:role/falcosidekick'] },
    },
    guardduty: { events: { accounts: ['111122223333'] } },
    inspector: { events: { accounts: ['111122223333'] } },
    generic: {
      webhook: { secret: 'parapet/generic/webhook', allowedNetworks: ['203.0.113.0/24'] },
      mappingFile: MAPPING_FILE,
    },
  },
});

export interface Built {
  readonly golden: GoldenCase;
  readonly findings: readonly NormalizedFinding[];
  readonly pack: EvidencePack;
  /** What the pack was composed of, and the time of the first alert: for what is looked up later. */
  readonly parts: readonly EvidencePart[];
  readonly clock: Clock;
}

/** Payloads through the real mapper, what the source makes of them, and the context: the pack as `Analyze` gets it. */
export async function build(golden: GoldenCase): Promise<Built> {
  return await buildRewritten(golden, (parts) => parts);
}

/** As `build`, with what somebody did to the evidence before it is numbered. */
export async function buildRewritten(
  golden: GoldenCase,
  rewrite: (parts: readonly EvidencePart[], clock: Clock) => readonly EvidencePart[],
): Promise<Built> {
  const findings = (await Promise.all(golden.alerts.map((alert) => normalize(golden, alert)))).flat();
  const [primary] = findings;
  if (primary === undefined) throw new Error(`${golden.id}: the payloads give no finding`);
  const first = Math.min(...findings.map(({ finding }) => finding.time));
  const observed = new Date(first + 900_000);
  const own = await sourceDrafts(golden, findings, observed);
  const context = contextDrafts(golden.context, primary.workload, { first });
  const parts = rewrite(
    EVIDENCE_PARTS.map((part) => ({
      part,
      gatheredAt: observed.toISOString(),
      // A part that could not be read holds nothing but its gap.
      drafts: [
        ...(golden.context.missing?.[part] === undefined ? (own[part] ?? []) : kept(own, part)),
        ...(context[part] ?? []),
      ],
      cost: { calls: 0, bytes: 0, milliseconds: 0 },
    })),
    { first },
  );
  return {
    golden,
    findings,
    parts,
    clock: { first },
    pack: composePack({
      incidentId: `inc-${sha256Hex(golden.id).slice(0, 20)}`,
      workload: primary.workload,
      vendorSeverity: findings.reduce<Severity>((worst, { severity }) => maxSeverity(worst, severity), 'informational'),
      parts,
    }),
  };
}

/** Alerts are there before anything is read. */
function kept(own: Drafts, part: EvidencePartName): readonly EvidenceDraft[] {
  return (own[part] ?? []).filter(({ source, fact }) => source === 'alert' || fact.kind === 'confirmation');
}

async function normalize({ id, source }: GoldenCase, alert: AlertSpec): Promise<readonly NormalizedFinding[]> {
  const original: unknown = JSON.parse(readFileSync(new URL(alert.file, ROOT), 'utf8'));
  const body = changed(original, alert);
  const text = JSON.stringify(body);
  const made = await mapperFor(source).normalize(AS_TEXT.has(source) ? text : body, {
    sha256: sha256Hex(text),
    bytes: text.length,
    receivedAt: '2026-01-01T00:00:00.000Z',
    channel: alert.channel ?? CHANNELS[source] ?? 'webhook',
    mapping: source === 'generic' ? readFileSync(new URL(MAPPING_FILE, ROOT), 'utf8') : undefined,
  });
  if (!made.ok) throw new Error(`${id}: ${alert.file}: ${made.reason}`);
  return made.findings;
}

const AS_TEXT: ReadonlySet<string> = new Set(['falco', 'prisma-cloud', 'prisma-cloud-compute', 'generic']);
const CHANNELS: Readonly<Record<string, 'event-bus' | 'queue'>> = {
  guardduty: 'event-bus',
  inspector: 'event-bus',
  falco: 'queue',
};

function changed(original: unknown, { change, pick }: AlertSpec): unknown {
  if (pick === undefined) return change === undefined ? original : merged(original, change);
  const entry: unknown = Array.isArray(original) ? original[pick] : undefined;
  return [change === undefined ? entry : merged(entry, change)];
}

function merged(base: unknown, change: unknown): unknown {
  const [left, right] = [objectSchema.safeParse(base), objectSchema.safeParse(change)];
  // Lists are replaced, except one list by an object of indices.
  if (Array.isArray(base) && right.success)
    return base.map((entry: unknown, index) =>
      String(index) in right.data ? merged(entry, right.data[String(index)]) : entry,
    );
  if (!left.success || !right.success) return change;
  const result: Record<string, unknown> = { ...left.data };
  for (const [key, value] of Object.entries(right.data))
    result[key] = key in result ? merged(result[key], value) : value;
  return result;
}

/** By the source itself where it needs nobody; otherwise as its reading writes it: an answer, the alerts, what they show. */
async function sourceDrafts(
  golden: GoldenCase,
  findings: readonly NormalizedFinding[],
  observed: Date,
): Promise<Drafts> {
  if (golden.readBack === undefined) {
    const source = await evidenceSourceFor(golden.source, CONFIGURATION, {
      http: realHttp,
      secrets: memorySecrets({}),
      now: () => observed,
    });
    if (source === undefined) throw new Error(`${golden.id}: ${golden.source} is not configured`);
    const parts = await Promise.all(
      CWPP_PARTS.map(async (part) => [part, (await source.gather(part, findings, observed)).drafts] as const),
    );
    return Object.fromEntries(parts.map(([part, drafts]) => [part, drafts.filter((draft) => !isNotConfigured(draft))]));
  }
  const at = observed.toISOString();
  const activity = [activityDrafts(findings, at), networkDrafts(findings, at)].map((drafts) =>
    drafts.map((draft): EvidenceDraft => ({ ...draft, source: 'cwpp_api' })),
  );
  return {
    'alert-details': [
      ...findings.flatMap((found) => answerOf(golden, found, at)),
      ...alertDrafts(findings, at),
      ...records(golden, findings, at),
      ...policyDrafts(policyRecords(golden, findings), at),
    ],
    'runtime-activity': activity[0] ?? [],
    network: activity[1] ?? [],
  };
}

/** That no API is configured is how this is run, no gap of the case. */
function isNotConfigured({ fact }: EvidenceDraft): boolean {
  return fact.kind === 'gap' && /not configured|no credentials/.test(fact.reason);
}

function answerOf({ readBack }: GoldenCase, found: NormalizedFinding, observedAt: string): EvidenceDraft[] {
  const record = found.finding.finding_info.uid;
  const entities = subjectEntities(found);
  const confirmation = (confirmed: boolean, reason: string): EvidenceDraft => ({
    source: 'cwpp_api',
    field: 'read-back of the alert',
    trust: 'vendor',
    observedAt,
    fact: { kind: 'confirmation', confirmed, ...(confirmed ? { vendorRecord: record } : {}), reason },
    entities,
  });
  switch (readBack) {
    case 'confirmed':
      return [confirmation(true, 'the record was read back and names the same resource')];
    case 'denied':
      return [confirmation(false, 'the vendor has no such record')];
    case 'unreachable':
      return [confirmation(false, 'the vendor could not be asked')];
    default:
      return [];
  }
}

/** The records that confirm alerts about requests; such an alert gives one finding. */
function policyRecords({ alerts }: GoldenCase, findings: readonly NormalizedFinding[]): PolicyRecord[] {
  return alerts.flatMap(({ record }, index): PolicyRecord[] => {
    const found = findings[index];
    if (record === undefined || found === undefined) return [];
    const list: unknown = JSON.parse(readFileSync(new URL(record.file, ROOT), 'utf8'));
    const one = merged(Array.isArray(list) ? list[0] : undefined, record.change ?? {});
    return [
      record.kind === 'firewall'
        ? { found, kind: 'firewall', audit: firewallAuditSchema.parse(one) }
        : { found, kind: 'admission', audit: admissionAuditSchema.parse(one) },
    ];
  });
}

/** The record of a confirmed alert, in the vendor's own words, where the vendor's reading keeps it apart. */
function records(
  { source, readBack }: GoldenCase,
  findings: readonly NormalizedFinding[],
  at: string,
): EvidenceDraft[] {
  if (source !== 'prisma-cloud' || readBack !== 'confirmed') return [];
  return alertDrafts(findings, at).flatMap((draft) =>
    draft.fact.kind === 'alert'
      ? [
          {
            ...draft,
            source: 'cwpp_api' as const,
            trust: 'vendor' as const,
            field: 'GET /alert',
            fact: { ...draft.fact, message: `${draft.fact.message} Recommended: follow the policy.` },
          },
        ]
      : [],
  );
}

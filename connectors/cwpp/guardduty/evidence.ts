import type { Configuration, GuardDutySourceConfiguration } from '../../../domain/config/schema.ts';
import type { EvidenceDraft } from '../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { workloadKey } from '../../../domain/workload.ts';
import { alertDrafts, alertFact } from '../aws/alerts.ts';
import { awsAttempts } from '../aws/attempts.ts';
import { workloadEntities } from '../aws/entities.ts';
import { AwsReader } from '../aws/reader.ts';
import { fromApi } from '../draft.ts';
import type { CwppPart, EvidenceSource, Gathered } from '../evidence-source.ts';
import { readVulnerabilities } from '../inspector/context.ts';
import { type AwsEvidenceDeps, inspectorFor } from '../inspector/evidence.ts';
import { type GuardDutyClient, guardDutyClient } from './client.ts';
import { judge } from './confirmation.ts';
import { activityDrafts, containerDrafts, networkDrafts, type Reading } from './facts.ts';
import { type LookUpContext, lookUp } from './look-up.ts';
import { parseReadBack } from './read-back.ts';
import { relatedDrafts } from './related.ts';

const NOT_CONFIGURED = 'sources.guardduty.api is not configured';
const NO_CREDENTIALS = 'the function has no credentials of AWS';
const MAX_WORKLOADS = 3;
/** Drafts of one kind of activity; what is beyond is counted in a gap. */
const MAX_DRAFTS = 300;

export function evidenceOf({ sources }: Configuration, deps: AwsEvidenceDeps): EvidenceSource | undefined {
  const config = sources.guardduty;
  if (config === undefined) return undefined;
  return {
    async gather(part, findings, deadline): Promise<Gathered> {
      const attempts = awsAttempts(deps.now);
      const client = guardDutyFor(config, deps, deadline);
      const inspector = inspectorFor(sources.inspector, deps, deadline);
      const context = { client, attempts, findings, now: deps.now, region: config.api?.region };
      const drafts = await read(part, context, inspector);
      const costs = [client, inspector].flatMap((one) => (typeof one === 'string' ? [] : [one.cost()]));
      return {
        drafts: [...drafts, ...attempts.gaps],
        cost: {
          calls: costs.reduce((sum, { calls }) => sum + calls, 0),
          bytes: costs.reduce((sum, { bytes }) => sum + bytes, 0),
          milliseconds: costs.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
        },
      };
    },
  };
}

/** A client with a fresh budget, or why there is none. */
export function guardDutyFor(
  { api }: GuardDutySourceConfiguration,
  { http, now, aws: credentials }: AwsEvidenceDeps,
  deadline: Date | undefined,
): GuardDutyClient | string {
  if (api === undefined) return NOT_CONFIGURED;
  if (credentials === undefined) return NO_CREDENTIALS;
  const { region, endpoint } = api;
  return guardDutyClient(new AwsReader({ http, now, credentials, deadline, service: 'guardduty', region, endpoint }));
}

async function read(
  part: CwppPart,
  context: LookUpContext,
  inspector: ReturnType<typeof inspectorFor>,
): Promise<EvidenceDraft[]> {
  switch (part) {
    case 'alert-details':
      return await readAlertDetails(context);
    case 'runtime-activity':
      return await readFromFindings(context, 'processes', (found, at) => [
        ...containerDrafts(found, at),
        ...activityDrafts(found, at),
      ]);
    case 'network':
      return await readFromFindings(context, 'connections and calls', networkDrafts);
    case 'vulnerabilities':
      return await readImageVulnerabilities(context, inspector);
  }
}

async function readAlertDetails(context: LookUpContext): Promise<EvidenceDraft[]> {
  const { findings, attempts, now } = context;
  const drafts = alertDrafts(findings, now().toISOString());
  const records = await lookUp(context);
  for (const [index, found] of findings.entries()) {
    const observedAt = now().toISOString();
    const locator = parseReadBack(found.readBack);
    const looked = records(found);
    const answer = locator
      ? judge(found, locator, looked)
      : { confirmed: false as const, reason: 'the alert was kept without what is needed to read it back' };
    const field = looked.kind === 'record' ? `GetFindings [${index}]` : 'EventBridge event';
    const subject = workloadEntities(found.workload);
    drafts.push(
      fromApi(
        field,
        'vendor',
        observedAt,
        answer.confirmed
          ? { kind: 'confirmation', confirmed: true, vendorRecord: answer.record, reason: answer.reason }
          : { kind: 'confirmation', confirmed: false, reason: answer.reason },
        subject,
      ),
    );
    if (answer.confirmed && looked.kind === 'record' && looked.normalized !== undefined) {
      // As it stands now: GuardDuty goes on counting, and may have raised the severity since.
      drafts.push(
        fromApi(field, 'attacker_influenced', observedAt, alertFact(looked.normalized), subject),
        ...containerDrafts(looked.normalized, { field, observedAt }),
      );
    }
    if (answer.confirmed && looked.kind !== 'record') {
      attempts.note(
        'GetFindings',
        'the finding as GuardDuty holds it now',
        looked.kind === 'absent' ? 'it is not there' : looked.why,
      );
    }
  }
  return [...drafts, ...(await relatedDrafts(context))];
}

/** The record where there is one; otherwise the finding as AWS delivered it. */
async function readFromFindings(
  context: LookUpContext,
  what: string,
  draftsOf: (found: NormalizedFinding, at: Reading) => readonly EvidenceDraft[],
): Promise<EvidenceDraft[]> {
  const { findings, attempts, now } = context;
  const records = await lookUp(context);
  const drafts = findings.flatMap((found, index) => {
    const looked = records(found);
    const fresh = looked.kind === 'record' ? looked.normalized : undefined;
    const field = fresh ? `GetFindings [${index}]` : `finding ${found.finding.finding_info.uid}`;
    return draftsOf(fresh ?? found, { field, observedAt: now().toISOString() });
  });
  const rest = drafts.length - MAX_DRAFTS;
  if (rest > 0) attempts.note('GetFindings', `${rest} further ${what}`, `the first ${MAX_DRAFTS} are kept`);
  return drafts.slice(0, MAX_DRAFTS);
}

/** GuardDuty knows no vulnerabilities; Inspector does, and both name the image the same way. */
async function readImageVulnerabilities(
  { findings, attempts, now }: LookUpContext,
  inspector: ReturnType<typeof inspectorFor>,
): Promise<EvidenceDraft[]> {
  if (typeof inspector === 'string') {
    attempts.note('Inspector', 'the vulnerabilities', `GuardDuty has none, and ${inspector}`);
    return [];
  }
  const workloads = new Map(findings.map(({ workload }) => [workloadKey(workload), workload]));
  const drafts: EvidenceDraft[] = [];
  for (const workload of [...workloads.values()].slice(0, MAX_WORKLOADS)) {
    drafts.push(...(await readVulnerabilities(inspector, workload, { attempts, now })));
  }
  return drafts;
}

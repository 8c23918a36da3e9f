import type { Configuration, InspectorSourceConfiguration } from '../../../domain/config/schema.ts';
import type { EvidenceDraft } from '../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { workloadKey } from '../../../domain/workload.ts';
import type { AwsCredentials } from '../../aws/signature.ts';
import type { HttpDeps } from '../../http/request.ts';
import { type Attempts, resultOf } from '../attempts.ts';
import { alertDrafts } from '../aws/alerts.ts';
import { awsAttempts } from '../aws/attempts.ts';
import { workloadEntities } from '../aws/entities.ts';
import { AwsReader } from '../aws/reader.ts';
import { fromApi } from '../draft.ts';
import type { EvidenceSource, Gathered } from '../evidence-source.ts';
import { type InspectorClient, inspectorClient, MAX_FILTER_VALUES } from './client.ts';
import { judge, type LookedUp } from './confirmation.ts';
import { readVulnerabilities } from './context.ts';

import { readFinding } from './finding.ts';
import { parseReadBack } from './read-back.ts';
import type { InspectorFinding } from './schema.ts';
import { surroundingsDrafts } from './surroundings.ts';

export interface AwsEvidenceDeps {
  readonly http: HttpDeps;
  readonly now: () => Date;
  /** The function's own; absent where there is none to call AWS with. */
  readonly aws?: (() => Promise<AwsCredentials>) | undefined;
}

const NOT_CONFIGURED = 'sources.inspector.api is not configured';
const NO_CREDENTIALS = 'the function has no credentials of AWS';
/** Findings looked up one by one; of one image there are many. */
const MAX_LOOKED_UP = 50;
const MAX_WORKLOADS = 3;

/** A client with a fresh budget, or why there is none. Also for GuardDuty, which joins its images with Inspector's. */
export function inspectorFor(
  config: InspectorSourceConfiguration | undefined,
  deps: AwsEvidenceDeps,
  deadline: Date | undefined,
): InspectorClient | string {
  const api = config?.api;
  if (api === undefined) return NOT_CONFIGURED;
  if (deps.aws === undefined) return NO_CREDENTIALS;
  const { http, now, aws: credentials } = deps;
  return inspectorClient(
    new AwsReader({
      http,
      now,
      credentials,
      deadline,
      service: 'inspector2',
      region: api.region,
      endpoint: api.endpoint,
    }),
  );
}

export function evidenceOf({ sources }: Configuration, deps: AwsEvidenceDeps): EvidenceSource | undefined {
  const config = sources.inspector;
  if (config === undefined) return undefined;
  return {
    async gather(part, findings, deadline): Promise<Gathered> {
      const attempts = awsAttempts(deps.now);
      const client = inspectorFor(config, deps, deadline);
      const context = { client, attempts, findings, now: deps.now, region: config.api?.region };
      const drafts =
        part === 'alert-details'
          ? await readAlertDetails(context)
          : part === 'vulnerabilities'
            ? await readAllVulnerabilities(context)
            : [];
      const cost = typeof client === 'string' ? { calls: 0, bytes: 0, milliseconds: 0 } : client.cost();
      return { drafts: [...drafts, ...attempts.gaps], cost };
    },
  };
}

interface Context {
  readonly client: InspectorClient | string;
  readonly attempts: Attempts;
  readonly findings: readonly NormalizedFinding[];
  readonly now: () => Date;
  readonly region: string | undefined;
}

async function readAlertDetails(context: Context): Promise<EvidenceDraft[]> {
  const { findings, attempts, now } = context;
  const drafts = alertDrafts(findings, now().toISOString());
  const records = await lookUp(context);
  for (const found of findings) {
    const observedAt = now().toISOString();
    const locator = parseReadBack(found.readBack);
    const looked = locator ? records(locator.findingArn, locator.region) : { kind: 'absent' as const };
    const answer = locator
      ? judge(found, locator, looked)
      : { confirmed: false as const, reason: 'the alert was kept without what is needed to read it back' };
    drafts.push(
      fromApi(
        'ListFindings',
        'vendor',
        observedAt,
        answer.confirmed
          ? { kind: 'confirmation', confirmed: true, vendorRecord: answer.record, reason: answer.reason }
          : { kind: 'confirmation', confirmed: false, reason: answer.reason },
        workloadEntities(found.workload),
      ),
    );
    if (answer.confirmed && looked.kind === 'record') {
      drafts.push(...surroundingsDrafts(looked.record, { field: 'ListFindings', observedAt }));
    }
    if (answer.confirmed && looked.kind !== 'record') {
      attempts.note(
        'ListFindings',
        'the finding as Inspector holds it now',
        looked.kind === 'absent' ? 'it is not there' : looked.why,
      );
    }
  }
  return drafts;
}

/** Reads the records of all findings in as few calls as there are; what could not be asked says why. */
async function lookUp({ client, attempts, findings, region, now }: Context) {
  const locators = findings.flatMap(({ readBack }) => parseReadBack(readBack) ?? []);
  const wanted = [...new Set(locators.map(({ findingArn }) => findingArn))].slice(0, MAX_LOOKED_UP);
  const found = new Map<string, LookedUp>();
  for (let from = 0; from < wanted.length; from += MAX_FILTER_VALUES) {
    const arns = wanted.slice(from, from + MAX_FILTER_VALUES);
    const attempt =
      typeof client === 'string'
        ? { failure: client }
        : await attempts.read('ListFindings', 'the confirmation of an alert by Inspector', () =>
            client.findings({ findingArn: arns }),
          );
    const listing = resultOf(attempt);
    for (const arn of arns) {
      const record = listing?.items.find(({ findingArn }) => findingArn === arn);
      if (record) found.set(arn, { kind: 'record', record, normalized: normalizedOf(record, now()) });
      else found.set(arn, 'failure' in attempt ? { kind: 'not-asked', why: attempt.failure } : { kind: 'absent' });
    }
  }
  return (arn: string, of: string | undefined): LookedUp => {
    if (of !== undefined && region !== undefined && of !== region) {
      return { kind: 'not-asked', why: `the finding is of region ${of}, the API that is configured is of ${region}` };
    }
    return found.get(arn) ?? { kind: 'not-asked', why: 'the incident has more findings than are looked up' };
  };
}

/** The record as a mapper reads it, to compare what it is about. */
function normalizedOf(record: InspectorFinding, now: Date): readonly NormalizedFinding[] {
  const reading = readFinding(record, undefined, {
    sha256: '0'.repeat(64),
    bytes: 0,
    receivedAt: now.toISOString(),
    channel: 'poll',
  });
  return reading.ok ? reading.findings : [];
}

async function readAllVulnerabilities({ client, attempts, findings, now }: Context): Promise<EvidenceDraft[]> {
  if (typeof client === 'string') {
    attempts.note('ListFindings', 'the vulnerabilities', client);
    return [];
  }
  const workloads = new Map(findings.map(({ workload }) => [workloadKey(workload), workload]));
  const drafts: EvidenceDraft[] = [];
  for (const workload of [...workloads.values()].slice(0, MAX_WORKLOADS)) {
    drafts.push(...(await readVulnerabilities(client, workload, { attempts, now })));
  }
  if (workloads.size > MAX_WORKLOADS) {
    attempts.note(
      'ListFindings',
      `the vulnerabilities of ${workloads.size - MAX_WORKLOADS} more workloads`,
      `${MAX_WORKLOADS} are read`,
    );
  }
  return drafts;
}

import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import type { Attempt } from '../../attempts.ts';
import { sameId } from '../client.ts';
import { parseReadBack, type ReadBack } from '../read-back.ts';
import type { DetectionRecord, IssueNewer, IssueRecord } from '../records.ts';
import type { PartContext } from './part.ts';
import { mismatch, resourceOfIssue, resourcesOfDetection, resourcesOfThreat } from './vendor-resource.ts';

/** The vendor's answer about one alert (rule 7). Anything but a matching record is a no. */
export type ReadBackAnswer =
  | {
      readonly confirmed: true;
      readonly record: string;
      readonly reason: string;
      readonly issue?: IssueRecord;
      readonly newer?: IssueNewer | undefined;
      readonly detection?: DetectionRecord;
    }
  | { readonly confirmed: false; readonly reason: string };

const no = (reason: string): ReadBackAnswer => ({ confirmed: false, reason });

/** Reads records back, each once however many findings name it. */
export class LookUp {
  readonly #context: PartContext;
  readonly #issues = new Map<string, Attempt<IssueRecord | undefined>>();
  readonly #newer = new Map<string, IssueNewer | undefined>();

  constructor(context: PartContext) {
    this.#context = context;
  }

  async answerFor(found: NormalizedFinding): Promise<ReadBackAnswer> {
    const readBack = parseReadBack(found.readBack);
    if (readBack.id === '') return no('the alert names no record to look up');
    return readBack.record === 'issue'
      ? await this.#issueAnswer(found, readBack)
      : await this.#detectionAnswer(found, readBack);
  }

  async issue(id: string): Promise<Attempt<IssueRecord | undefined>> {
    const { wiz, attempts } = this.#context;
    const known = this.#issues.get(id) ?? (await attempts.read('issue', `issue ${id}`, () => wiz.issue(id)));
    this.#issues.set(id, known);
    return known;
  }

  async newer(id: string): Promise<IssueNewer | undefined> {
    const { wiz, attempts } = this.#context;
    if (!this.#newer.has(id)) {
      this.#newer.set(
        id,
        await attempts.find('issue', `type, rules and cluster of issue ${id}`, () => wiz.issueNewer(id)),
      );
    }
    return this.#newer.get(id);
  }

  async #issueAnswer({ workload }: NormalizedFinding, readBack: ReadBack): Promise<ReadBackAnswer> {
    const { wiz, attempts } = this.#context;
    const { id } = readBack;
    const read = await this.issue(id);
    if ('failure' in read) return no(read.failure);
    const issue = read.value;
    if (!issue || !sameId(issue.id, id)) return no(`Wiz has no issue ${id}`);
    const newer = await this.newer(id);
    let wrong = mismatch(readBack, workload, resourceOfIssue(issue, newer));
    if (wrong !== undefined) {
      const threat = await attempts.find('issue', `the resources of threat ${id}`, () => wiz.threat(id));
      const resources = resourcesOfThreat(threat, issue);
      if (resources.length > 0) wrong = mismatch(readBack, workload, resources);
    }
    if (wrong !== undefined) return no(`Wiz has issue ${id}, but ${wrong}`);
    return {
      confirmed: true,
      record: id,
      reason: `Wiz has issue ${id} (${issue.status ?? 'status unknown'}) on ${issue.entitySnapshot?.name ?? 'the same resource'}`,
      issue,
      newer,
    };
  }

  async #detectionAnswer({ workload }: NormalizedFinding, readBack: ReadBack): Promise<ReadBackAnswer> {
    const { wiz, attempts } = this.#context;
    const { id } = readBack;
    const read = await attempts.read('detections', `detection ${id}`, () => wiz.detection(id));
    if ('failure' in read) return no(read.failure);
    const detection = read.value;
    if (!detection) return no(`Wiz has no detection ${id}`);
    const wrong = mismatch(readBack, workload, resourcesOfDetection(detection));
    if (wrong !== undefined) return no(`Wiz has detection ${id}, but ${wrong}`);
    return {
      confirmed: true,
      record: id,
      reason: `Wiz has detection ${id} of rule ${detection.ruleMatch?.rule?.name ?? 'without a name'} on the same resource`,
      detection,
    };
  }
}

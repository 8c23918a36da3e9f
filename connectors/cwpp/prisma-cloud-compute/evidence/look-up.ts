import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import type { Attempt } from '../../attempts.ts';
import type { AdmissionAudit, FirewallAudit } from '../policy-records.ts';
import { parseReadBack, type ReadBack, widened } from '../read-back.ts';
import type { Listing } from '../reader.ts';
import type { ImageRecord, IncidentRecord, RuntimeAudit } from '../records.ts';
import { auditEffect } from './alerts.ts';
import { judgeAudit, judgeIncident, judgeVulnerabilities, type ReadBackAnswer } from './confirmation.ts';
import type { PartContext } from './part.ts';
import { judgeAdmission, judgeFirewall, type Matched } from './policy-confirmation.ts';
import type { PolicyRecord } from './policy-drafts.ts';

const MISSING = 'the confirmation of an alert by the vendor';

type Locator<R extends ReadBack['record']> = Extract<ReadBack, { record: R }>;
type Cache<T> = Map<string, Promise<Attempt<T>>>;

/** Finds the vendor's records of alerts; each list is read once, however many alerts stand in it. */
export class LookUp {
  readonly #context: PartContext;
  readonly #incidents: Cache<readonly IncidentRecord[]> = new Map();
  readonly #audits: Cache<Listing<RuntimeAudit>> = new Map();
  readonly #scans: Cache<ImageRecord | undefined> = new Map();
  readonly #confirmed: { readonly findingUid: string; readonly record: IncidentRecord }[] = [];

  readonly #firewall: Cache<Listing<FirewallAudit>> = new Map();
  readonly #admission: Cache<Listing<AdmissionAudit>> = new Map();
  readonly #policy: PolicyRecord[] = [];
  readonly #stopped: { readonly findingUid: string; readonly record: RuntimeAudit }[] = [];

  constructor(context: PartContext) {
    this.#context = context;
  }

  /** Incidents of the console that confirmed an alert, with that alert. */
  get confirmedIncidents(): readonly { readonly findingUid: string; readonly record: IncidentRecord }[] {
    return this.#confirmed;
  }

  /** Audits that confirmed an alert and say that the Defender stopped what they tell of. */
  get stoppedAudits(): readonly { readonly findingUid: string; readonly record: RuntimeAudit }[] {
    return this.#stopped;
  }

  /** Records of requests (web, admission) that confirmed an alert. */
  get policyRecords(): readonly PolicyRecord[] {
    return this.#policy;
  }

  async answerFor(found: NormalizedFinding): Promise<ReadBackAnswer> {
    const locator = parseReadBack(found.readBack);
    if (locator === undefined) {
      return { confirmed: false, reason: 'the alert was kept without what is needed to read it back' };
    }
    const attempt = await this.#answer(locator, found);
    if ('value' in attempt) return attempt.value;
    return { confirmed: false, reason: `the console could not be asked: ${attempt.failure}` };
  }

  async #answer(locator: ReadBack, found: NormalizedFinding): Promise<Attempt<ReadBackAnswer>> {
    switch (locator.record) {
      case 'incident':
        return await this.#incident(locator, found);
      case 'container-audit':
      case 'host-audit':
        return await this.#audit(locator, found);
      case 'container-firewall':
      case 'host-firewall':
        return await this.#web(locator, found);
      case 'admission':
        return await this.#cluster(locator, found);
      case 'image':
      case 'host':
        return await this.#scan(locator, found);
      case 'none':
        return { value: { confirmed: false, reason: locator.why } };
    }
  }

  async #incident(locator: Locator<'incident'>, found: NormalizedFinding): Promise<Attempt<ReadBackAnswer>> {
    const { compute, attempts } = this.#context;
    const { incidentId, category, containerID, hostname, from, to } = locator;
    const attempt = await once(this.#incidents, JSON.stringify(locator), () =>
      attempts.read('GET /audits/incidents', MISSING, async () => {
        if (incidentId === undefined) {
          const where = containerID === undefined ? { hostname } : { containerID };
          return (await compute.incidents({ from, to, category, ...where })).items;
        }
        const record = await compute.incidentById(incidentId);
        return record ? [record] : [];
      }),
    );
    if (!('value' in attempt)) return attempt;
    const value = judgeIncident(locator, attempt.value);
    const record = value.confirmed ? attempt.value.find(({ _id }) => _id === value.record) : undefined;
    if (record) this.#confirmed.push({ findingUid: found.finding.finding_info.uid, record });
    return { value };
  }

  async #audit(
    locator: Locator<'container-audit' | 'host-audit'>,
    found: NormalizedFinding,
  ): Promise<Attempt<ReadBackAnswer>> {
    const { compute, attempts, subjects } = this.#context;
    const where = locator.record === 'container-audit' ? locator.containerID : locator.hostname;
    if (where === undefined) return { value: judgeAudit(locator, []) };
    // One list over the time of all alerts instead of one for each: an aggregated alert may have hundreds of parts.
    const range = widened(locator, subjects);
    const attempt = await once(this.#audits, JSON.stringify([locator.record, where, range]), () =>
      locator.record === 'container-audit'
        ? attempts.read('GET /audits/runtime/container', MISSING, () =>
            compute.containerAudits({ containerID: where, ...range }),
          )
        : attempts.read('GET /audits/runtime/host', MISSING, () => compute.hostAudits({ hostname: where, ...range })),
    );
    if (!('value' in attempt)) return attempt;
    const value = judgeAudit(locator, attempt.value.items);
    const record = value.confirmed ? attempt.value.items.find(({ _id }) => _id === value.record) : undefined;
    // A webhook does not say whether the Defender stopped what it tells of; the record does.
    if (record !== undefined && auditEffect(record) !== undefined)
      this.#stopped.push({ findingUid: found.finding.finding_info.uid, record });
    return { value: answerOf({ answer: value }, attempt.value) };
  }

  async #web(
    locator: Locator<'container-firewall' | 'host-firewall'>,
    found: NormalizedFinding,
  ): Promise<Attempt<ReadBackAnswer>> {
    const { compute, attempts, subjects } = this.#context;
    const range = widened(locator, subjects);
    const attempt =
      locator.record === 'container-firewall'
        ? await once(this.#firewall, JSON.stringify([locator.record, locator.image, range]), () =>
            attempts.read('GET /audits/firewall/app/container', MISSING, () =>
              compute.firewallAudits('container', { imageName: locator.image, ...range }),
            ),
          )
        : await once(this.#firewall, JSON.stringify([locator.record, locator.hostname, range]), () =>
            attempts.read('GET /audits/firewall/app/host', MISSING, () =>
              compute.firewallAudits('host', { hostname: locator.hostname, ...range }),
            ),
          );
    if (!('value' in attempt)) return attempt;
    const matched = judgeFirewall(locator, attempt.value.items);
    if (matched.record !== undefined) this.#policy.push({ found, kind: 'firewall', audit: matched.record });
    return { value: answerOf(matched, attempt.value) };
  }

  async #cluster(locator: Locator<'admission'>, found: NormalizedFinding): Promise<Attempt<ReadBackAnswer>> {
    const { compute, attempts, subjects } = this.#context;
    const { cluster, namespace } = locator;
    const range = widened(locator, subjects);
    const attempt = await once(this.#admission, JSON.stringify([cluster, namespace, range]), () =>
      attempts.read('GET /audits/admission', MISSING, () => compute.admissionAudits({ cluster, namespace, ...range })),
    );
    if (!('value' in attempt)) return attempt;
    const matched = judgeAdmission(locator, attempt.value.items);
    if (matched.record !== undefined) this.#policy.push({ found, kind: 'admission', audit: matched.record });
    return { value: answerOf(matched, attempt.value) };
  }

  async #scan(locator: Locator<'image' | 'host'>, found: NormalizedFinding): Promise<Attempt<ReadBackAnswer>> {
    const { compute, attempts } = this.#context;
    const id = locator.record === 'image' ? locator.imageID : locator.hostname;
    if (id === undefined) {
      return { value: { confirmed: false, reason: 'the alert names no image id to look the scan up by' } };
    }
    const attempt = await once(this.#scans, `${locator.record} ${id}`, () =>
      locator.record === 'image'
        ? attempts.read('GET /images', MISSING, () => compute.imageById(id))
        : attempts.read('GET /hosts', MISSING, () => compute.hostByName(id)),
    );
    return 'value' in attempt ? { value: judgeVulnerabilities(found, attempt.value) } : attempt;
  }
}

async function once<T>(cache: Cache<T>, key: string, call: () => Promise<Attempt<T>>): Promise<Attempt<T>> {
  const attempt = cache.get(key) ?? call();
  cache.set(key, attempt);
  return await attempt;
}

/** A no from a list that was not read to its end says so. */
function answerOf({ answer }: Pick<Matched<unknown>, 'answer'>, { truncated }: Listing<unknown>): ReadBackAnswer {
  if (answer.confirmed || truncated === undefined) return answer;
  return { confirmed: false, reason: `${answer.reason}; the list was not read to its end: ${truncated}` };
}

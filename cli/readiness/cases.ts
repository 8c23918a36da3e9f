import { readBody } from '../../connectors/publication/bodies.ts';
import type { ApprovalStore, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import { planSchema } from '../../domain/actions/action.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import type { ReadinessCase } from '../../domain/phase/readiness.ts';
import { shadowsOf } from '../../domain/playbooks/agreement.ts';

interface CaseStores {
  readonly incidents: Pick<IncidentStore, 'list'>;
  readonly approvals: Pick<ApprovalStore, 'forIncident'>;
  readonly blobs: Pick<BlobStore, 'get'>;
}

/** Plans that are read at one time. */
const SIDE_BY_SIDE = 16;

/** The newest incidents with what playbooks would have done in them, newest first. */
export async function readCases(stores: CaseStores, limit: number): Promise<readonly ReadinessCase[]> {
  const incidents = await stores.incidents.list({ limit });
  const cases: ReadinessCase[] = [];
  for (let from = 0; from < incidents.length; from += SIDE_BY_SIDE)
    cases.push(...(await Promise.all(incidents.slice(from, from + SIDE_BY_SIDE).map((one) => readCase(stores, one)))));
  return cases;
}

async function readCase(stores: CaseStores, incident: Incident): Promise<ReadinessCase> {
  const plan = await readBody(stores.blobs, incident.blobs.plan, planSchema);
  if (plan === undefined || !plan.actions.some(({ playbook }) => playbook?.holds === true))
    return { incident, shadows: [] };
  const approvals = await stores.approvals.forIncident(incident.incidentId);
  const over = incident.status === 'concluded' || incident.status === 'failed';
  return { incident, shadows: shadowsOf(plan, { approvals, over }) };
}

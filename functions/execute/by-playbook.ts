import { readBody } from '../../connectors/publication/bodies.ts';
import type { PlaybookSlots } from '../../connectors/store/playbook-port.ts';
import type { AuditLog, BlobStore } from '../../connectors/store/ports.ts';
import type { Plan, PlannedAction } from '../../domain/actions/action.ts';
import { verdictSchema } from '../../domain/analysis/analysis.ts';
import { placeOfTarget } from '../../domain/approval/link.ts';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { evidencePackSchema } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { canonicalJson, digestOf } from '../../domain/json/canonical.ts';
import type { Assessment } from '../../domain/playbooks/assessment.ts';
import { whyNotAutomatic } from '../../domain/playbooks/automatic.ts';
import { playbookFor } from '../../domain/playbooks/registry.ts';

export interface ByPlaybookDeps {
  readonly config: Configuration;
  readonly audit: Pick<AuditLog, 'read'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly slots: PlaybookSlots;
  readonly now: () => Date;
}

export interface PlannedCase {
  readonly incident: Incident;
  readonly plan: Plan;
  readonly planned: PlannedAction;
  readonly planKey: string;
}

/** `ask-people`: nothing was done, and people may still decide it. `refused`: what was handed in is not what was planned. */
export type Authority =
  | { readonly ok: true; readonly assessment: Assessment }
  | { readonly ok: false; readonly outcome: 'refused' | 'ask-people'; readonly reason: string };

const refused = (reason: string): Authority => ({ ok: false, outcome: 'refused', reason });
const ask = (reason: string): Authority => ({ ok: false, outcome: 'ask-people', reason });

/**
 * Whether a playbook may act now. Nothing of it is taken from the state machine, whose input anybody could forge who may start an
 * execution: the plan must be the one the audit log tells of, the evidence the one it was made from, and every condition, the phase and
 * the configuration are looked at again (rules 1, 7 and 9). The room within the hour is taken last, and given to one execution once.
 */
export async function authorityOfPlaybook(deps: ByPlaybookDeps, of: PlannedCase): Promise<Authority> {
  const { incident, plan, planned } = of;
  const { prepared } = planned;
  if (planned.gate !== 'automatic' || planned.playbook === undefined)
    return refused(`The plan lets no playbook execute this action; its gate is ${planned.gate}.`);
  if (prepared.undoes !== undefined) return refused('This is the undo of an action, which no playbook does.');
  if (!incident.confirmed) return refused('The vendor did not confirm the alert.');
  if (!isInLog(await deps.audit.read(incident.incidentId), of))
    return refused('The audit log does not tell of this plan.');
  const pack = await readBody(deps.blobs, incident.blobs.pack, evidencePackSchema);
  if (pack === undefined || digestOf(pack) !== plan.packDigest)
    return refused('The evidence is not the one the plan was made from.');
  const verdict = verdictSchema.safeParse(incident.verdict);
  if (!verdict.success) return refused('The incident has no verdict.');

  const { action, target } = prepared;
  const place = placeOfTarget(deps.config, incident.workload, target);
  const playbook = playbookFor(deps.config, action, place);
  const { source, confirmed, severity } = incident;
  const assessment = playbook?.assess({ pack, target, source, confirmed, severity, verdict: verdict.data });
  const [reason] = whyNotAutomatic(deps.config, { action, target, place, assessment });
  if (reason !== undefined || playbook === undefined || assessment === undefined)
    return ask(reason ?? 'No playbook is named for this action here.');
  if (playbook.entry.name !== planned.playbook.playbook || !asksTheSame(playbook.parameters, prepared.parameters))
    return ask('The configuration of the playbook was changed after the plan was made.');
  const { incidentId } = incident;
  const taken = await deps.slots.take({
    playbook: playbook.entry.name,
    execution: `${incidentId}#${planned.digest}`,
    now: deps.now(),
    most: { ofPlaybook: playbook.entry.maxPerHour, inAll: deps.config.response.automaticPerHour },
  });
  return taken
    ? { ok: true, assessment }
    : ask(`Playbook ${playbook.entry.name} has acted as often in this hour as it may.`);
}

/** `plan` wrote down which plan it made, with the digest of each action and its gate; nobody can change that entry (rule 6). */
function isInLog(chain: readonly AuditEntry[], { plan, planned, planKey }: PlannedCase): boolean {
  return chain.some(({ kind, actor, data }) => {
    if (kind !== 'plan.made' || actor.id !== 'plan' || data['planKey'] !== planKey) return false;
    const actions = Array.isArray(data['actions']) ? data['actions'] : [];
    const told: unknown = actions.find(
      (one: unknown) => isRecord(one) && one['actionId'] === planned.prepared.actionId,
    );
    return (
      data['packDigest'] === plan.packDigest &&
      isRecord(told) &&
      told['digest'] === planned.digest &&
      told['gate'] === 'automatic'
    );
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function asksTheSame(wanted: Readonly<Record<string, string>>, planned: Readonly<Record<string, string>>): boolean {
  const kept = Object.fromEntries(Object.keys(wanted).map((name) => [name, planned[name] ?? null]));
  return canonicalJson(kept) === canonicalJson(wanted);
}

import type { Investigation } from '../analysis/rules/investigation.ts';
import { blockedEvents } from './blocked-event.ts';
import { type Context, contextOf, type Outcome } from './context.ts';
import type { Guidance, Remediation } from './guidance.ts';
import { metadataService, narrowIdentity, stopFunction } from './rules/cloud.ts';
import { noExec } from './rules/exec.ts';
import { narrowBindings, noToken, rotateCredentials } from './rules/identity.ts';
import { cutOffHost, lookInto, replaceContainer } from './rules/machine.ts';
import { closeService, denyEgress } from './rules/network.ts';
import { updatePackages } from './rules/packages.ts';
import { mendPosture } from './rules/posture.ts';
import { dropPrivileges, hostAccess, readOnlyRoot } from './rules/privileges.ts';
import { rollBack } from './rules/rollout.ts';

/** In the order a person would go: cut off, take rights away, mend the cause, harden. */
const RULES: readonly ((context: Context) => Outcome[])[] = [
  cutOffHost,
  denyEgress,
  stopFunction,
  replaceContainer,
  narrowBindings,
  rotateCredentials,
  metadataService,
  closeService,
  updatePackages,
  rollBack,
  mendPosture,
  narrowIdentity,
  hostAccess,
  dropPrivileges,
  noToken,
  readOnlyRoot,
  noExec,
];

const MAX_GUIDANCE = 20;
const RANK = { immediate: 0, soon: 1, planned: 2 } as const;

/**
 * What people should change, from the rules' investigation alone: the same pack always gives the same guidance. Of an
 * alert that its vendor did not confirm nothing is advised, because a forged one could ask for an opening (rule 7).
 */
export function remediationOf(investigation: Investigation): Remediation {
  if (investigation.judgement.outcome !== 'analysed') {
    return {
      items: [],
      blocked: [],
      leftOut: [
        { what: 'all guidance', why: 'the alert is not confirmed by its vendor, or the evidence does not suffice' },
      ],
    };
  }
  const context = contextOf(investigation);
  const ruled = RULES.flatMap((rule) => rule(context));
  const outcomes = ruled.some(({ kind }) => kind === 'guidance') ? ruled : [...ruled, ...lookInto(context)];
  const written = distinct(outcomes.flatMap((one) => (one.kind === 'guidance' ? [one.guidance] : [])));
  const items = written
    .map((guidance, index) => ({ guidance, index }))
    .sort((a, b) => RANK[a.guidance.urgency] - RANK[b.guidance.urgency] || a.index - b.index)
    .map(({ guidance }) => guidance);
  return {
    items: items.slice(0, MAX_GUIDANCE),
    blocked: blockedEvents(investigation),
    leftOut: [
      ...outcomes.flatMap((one) => (one.kind === 'left-out' ? [{ what: one.what, why: one.why }] : [])),
      ...items.slice(MAX_GUIDANCE).map(({ id }) => ({ what: id, why: `more than ${MAX_GUIDANCE} are not shown` })),
    ],
  };
}

function distinct(all: readonly Guidance[]): Guidance[] {
  return all.filter(({ id }, index) => all.findIndex((other) => other.id === id) === index);
}

import { canonicalJson } from '../../../domain/json/canonical.ts';
import type { AccountView } from '../account-view.ts';
import { type Step, step } from '../step.ts';

const INSTANCE = 'i-0c0ffee1a2b3c4d5e';
const ISOLATION = 'sg-0150150150150150a';
const SCALING_GROUP = 'render-workers';
export const WRITING_ROLE = '/parapet-isolate-instance';

/** That the account holds what it held, whoever looked at it since. */
export function sameAccount(before: AccountView, now: AccountView, when: string): Step {
  const same = canonicalJson({ ...before, sessions: [] }) === canonicalJson({ ...now, sessions: [] });
  return step(`the account holds ${when} exactly what it held before`, same, same ? 'no difference' : 'it differs');
}

/** What anybody sees who reads the account: the machine, what replaces it, and all that was not meant. */
export function isolatedIn(before: AccountView, after: AccountView): readonly Step[] {
  const [was, is] = [before, after].map(({ instances }) => instances.find(({ id }) => id === INSTANCE));
  const groups = is?.interfaces.map((one) => `${one.id} under ${one.groups.join(' and ')}`) ?? [];
  const isolation = after.groups.find(({ id }) => id === ISOLATION);
  const scaling = after.scalingGroups.find(({ name }) => name === SCALING_GROUP);
  const member = scaling?.members.find(({ instance }) => instance === INSTANCE);
  const serving = scaling?.members.filter(({ state }) => state === 'InService') ?? [];
  const others = ({ instances, groups: all, roles, users, snapshots }: AccountView) =>
    canonicalJson({ instances: instances.filter(({ id }) => id !== INSTANCE), groups: all, roles, users, snapshots });
  return [
    step(
      'both interfaces had other groups, and are under the isolation group alone',
      was?.interfaces.length === 2 &&
        was.interfaces.every((one) => one.groups.length > 0 && !one.groups.includes(ISOLATION)) &&
        is?.interfaces.map(({ id }) => id).join() === was.interfaces.map(({ id }) => id).join() &&
        is.interfaces.every((one) => one.groups.join() === ISOLATION),
      groups.join(', ') || 'no instance',
    ),
    step(
      'the isolation group lets nothing in or out',
      isolation?.inbound === 0 && isolation.outbound === 0,
      `${isolation?.inbound} inbound and ${isolation?.outbound} outbound rules`,
    ),
    step('the instance runs on, for forensics', is?.state === 'running', `${is?.state}`),
    step(
      'its Auto Scaling group has it on standby, and as many in service as before',
      member?.state === 'Standby' && serving.length === 2 && scaling?.desired === 2,
      `${member?.state}, ${serving.length} in service of ${scaling?.desired} desired`,
    ),
    step(
      'everything else in the account is as it was',
      others(after) === others(before),
      `${after.instances.length - 1} other instance, ${after.roles.length} roles, ${after.snapshots.length} snapshots`,
    ),
  ];
}

/** In whose name it was done, and that IAM was asked about the approvers by a role that may do nothing else. */
export function heldIn(
  { sessions }: AccountView,
  of: { readonly incidentId: string; readonly action: string; readonly approvers: readonly string[] },
): readonly Step[] {
  const writing = sessions.filter(({ role }) => role.endsWith(WRITING_ROLE));
  const asking = sessions.filter(({ role }) => role.endsWith('/parapet-rights'));
  return [
    step(
      'IAM was asked whether the approvers could do it themselves',
      asking.length > 0,
      `${asking.length} sessions for asking`,
    ),
    step(
      'it was done by one session, in the name of a person who approved and of the incident',
      writing.length === 1 &&
        writing.every(
          ({ sourceIdentity = '', tags }) =>
            of.approvers.includes(sourceIdentity) && tags['incident'] === of.incidentId && tags['action'] === of.action,
        ),
      writing.map((one) => `${one.sourceIdentity} ${JSON.stringify(one.tags)}`).join(', ') || 'no session',
    ),
  ];
}

import { targetLabel } from '../actions/target.ts';
import type { Acted } from '../playbooks/acted.ts';
import { PLAYBOOKS } from '../playbooks/registry.ts';
import type { Block } from './blocks.ts';
import { defangBlocks } from './defang.ts';
import type { IncidentBodies, Note } from './incident-document.ts';
import { domainsOf } from './words.ts';

/** What a playbook did without a person: what, why it might, how it was verified, and how it is undone. */
export function actedNote(
  { incident, plan, pack, acted = [] }: IncidentBodies,
  actionId: string | undefined,
): Note | undefined {
  const one = acted.find((each) => each.actionId === actionId);
  const action = plan?.actions.find(({ prepared }) => prepared.actionId === actionId);
  if (one === undefined || action === undefined) return undefined;
  const { preview, prepared } = action;
  const blocks: Block[] = [
    { type: 'paragraph', text: `${preview.title}: ${targetLabel(prepared.target)}. Nobody was asked.` },
    {
      type: 'facts',
      rows: [
        { label: 'Playbook', value: `${one.playbook}: ${PLAYBOOKS[one.playbook].title}` },
        { label: 'Verified', value: verifiedWords(one) },
      ],
    },
    {
      type: 'bullets',
      items: one.conditions.map(({ what, evidence }) => `${what} ${evidence.map((id) => `[${id}]`).join(' ')}`.trim()),
    },
    { type: 'paragraph', text: 'To undo it:' },
    { type: 'code', text: `npx parapet rollback ${incident.incidentId} ${one.actionId}` },
  ];
  return {
    mark: `Parapet incident ${incident.incidentId}: playbook ${one.playbook} acted without a person (${one.actionId}), ${headline(one)}.`,
    blocks: defangBlocks(blocks, domainsOf(pack)),
  };
}

function headline({ verified }: Acted): string {
  switch (verified?.result) {
    case 'contained':
      return 'and the effect was verified';
    case 'partial':
      return 'and the effect was verified in part only';
    case 'failed':
    case 'unknown':
    case undefined:
      return 'and the effect could not be verified: it is being put back';
  }
}

function verifiedWords({ verified }: Acted): string {
  if (verified === undefined) return 'not yet';
  return `${verified.result}: ${verified.checks.map(({ detail }) => detail).join('; ')}`;
}

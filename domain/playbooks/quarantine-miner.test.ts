import { describe, expect, it } from 'vitest';
import { sampleConfiguration, samplePrepared } from '../../test/fakes/planning.ts';
import { cryptoMinerPack, OTHER_POD, POD_UID } from '../../test/stories/crypto-miner.ts';
import type { Fact } from '../evidence/fact.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import type { PlaybookCase } from './playbook.ts';
import { playbookFor } from './registry.ts';

const PLACE = { cluster: 'prod-eks', namespace: 'payments' };

/** The sample story, with what `change` makes of each fact. */
function packWith(change: (fact: Fact) => Fact = (fact) => fact): EvidencePack {
  const pack = cryptoMinerPack();
  const items = pack.items.map((item) => ({ ...item, fact: change(item.fact) }));
  // The sample names a second replica of the pod; the playbook is for one alone.
  return { ...pack, items: items.filter(({ fact }) => fact.kind !== 'pod' || fact.uid === POD_UID) };
}

function failing(of: Partial<PlaybookCase> = {}, leastReplicas = 2): readonly string[] {
  const config = sampleConfiguration({ playbooks: [{ name: 'quarantine-miner', leastReplicas }] });
  const assessment = playbookFor(config, 'kubernetes.quarantine-pod', PLACE)?.assess({
    pack: packWith(),
    target: samplePrepared().target,
    source: 'prisma-cloud-compute',
    confirmed: true,
    severity: 'critical',
    verdict: 'malicious',
    ...of,
  });
  return (assessment?.conditions ?? []).filter(({ holds }) => !holds).map(({ what }) => what);
}

describe('quarantine-miner', () => {
  it('holds for one replica of two that mines, with the evidence it was read from', () => {
    expect(failing()).toEqual([]);
  });

  it.each<readonly [string, Partial<PlaybookCase>, RegExp]>([
    ['the incident is not confirmed', { confirmed: false }, /confirmed every alert/],
    ['it is suspicious only', { verdict: 'suspicious' }, /malicious/],
    ['it is of high severity', { severity: 'high' }, /critical/],
    [
      'one of its alerts is not confirmed',
      { pack: packWith((fact) => (fact.kind === 'confirmation' ? { ...fact, confirmed: false } : fact)) },
      /confirmed every alert/,
    ],
    [
      'it was not classified as mining',
      { pack: packWith((fact) => (fact.kind === 'alert' ? { ...fact, category: 'reverseShell' } : fact)) },
      /crypto mining/,
    ],
    ['two pods show it', { pack: cryptoMinerPack() }, /only pod/],
    [
      'it is another pod than the one that was read',
      {
        target: {
          ...samplePrepared().target,
          system: 'kubernetes',
          cluster: 'prod-eks',
          kind: 'Pod',
          name: OTHER_POD,
          uid: 'another',
        },
      },
      /only pod/,
    ],
    [
      'it is the only replica',
      { pack: packWith((fact) => (fact.kind === 'controller' ? { ...fact, replicas: 1 } : fact)) },
      /2 or more/,
    ],
    [
      'it is of a StatefulSet',
      { pack: packWith((fact) => (fact.kind === 'controller' ? { ...fact, controllerKind: 'StatefulSet' } : fact)) },
      /one Deployment/,
    ],
  ])('does not hold where %s', (_, of, reason) => {
    expect(failing(of).join()).toMatch(reason);
  });

  it('asks for as many replicas as the configuration says', () => {
    expect(failing({}, 3)).toEqual(['it is a replica of one Deployment that has 3 or more']);
  });
});

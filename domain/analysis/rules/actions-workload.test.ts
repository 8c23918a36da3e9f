import { describe, expect, it } from 'vitest';
import {
  CONTAINER_NAME,
  cryptoMinerParts,
  entity,
  OTHER_POD,
  POD,
  WORKLOAD,
} from '../../../test/stories/crypto-miner.ts';
import { composePack, type EvidenceDraft, type EvidencePartName } from '../../evidence/pack.ts';
import { analyseByRules } from './analyse.ts';

type Change = (draft: EvidenceDraft) => EvidenceDraft | undefined;

/** The story with each draft changed or left out, and with more of them. */
function recommended(change: Change, more: Partial<Record<EvidencePartName, readonly EvidenceDraft[]>> = {}) {
  const parts = cryptoMinerParts().map((part) => ({
    ...part,
    drafts: [...part.drafts.flatMap((draft) => change(draft) ?? []), ...(more[part.part] ?? [])],
  }));
  const pack = composePack({ incidentId: 'i', workload: WORKLOAD, vendorSeverity: 'high', parts });
  const label = (id: string) => pack.entities.find((one) => one.id === id)?.canonical;
  return analyseByRules(pack)
    .actions.filter(({ action }) => /cordon|scale|undo|delete|annotate/.test(action))
    .map(({ action, target, urgency }) => [action, label(target), urgency]);
}

const NODE_DRAFT: EvidenceDraft = {
  source: 'kubernetes_api',
  field: 'GET nodes',
  trust: 'own',
  observedAt: '2025-10-14T09:18:30.000Z',
  fact: {
    kind: 'node',
    name: entity.node.canonical,
    cluster: 'prod-eks',
    uid: 'node-uid',
    controlPlane: false,
    unschedulable: false,
  },
  entities: [entity.node, entity.pod],
};
const leavesContainer: Change = (draft) =>
  draft.fact.kind === 'process' && draft.fact.pid === 4711
    ? {
        ...draft,
        fact: {
          ...draft.fact,
          commandLine: 'nsenter --target 1 --mount sh -c xmrig -o stratum+tcp://pool.example.net',
        },
      }
    : draft;
const node = (fact: Partial<Extract<EvidenceDraft['fact'], { kind: 'node' }>>): EvidenceDraft =>
  NODE_DRAFT.fact.kind === 'node' ? { ...NODE_DRAFT, fact: { ...NODE_DRAFT.fact, ...fact } } : NODE_DRAFT;

describe('cordoning the node', () => {
  it('is recommended when something left its container there', () => {
    expect(recommended(leavesContainer, { workload: [NODE_DRAFT] })).toEqual([
      ['kubernetes.cordon-node', entity.node.canonical, 'soon'],
    ]);
  });

  it.each([
    ['nothing left a container', (draft: EvidenceDraft) => draft, NODE_DRAFT],
    ['the cluster was not read for the node', leavesContainer, { ...NODE_DRAFT, source: 'cwpp_api' as const }],
    ['it belongs to the control plane', leavesContainer, node({ controlPlane: true })],
    ['it takes no new pods already', leavesContainer, node({ unschedulable: true })],
    [
      'it is another node',
      leavesContainer,
      { ...node({ name: 'other' }), entities: [{ ...entity.node, canonical: 'other' }] },
    ],
  ])('is not when %s', (_, change, draft) => {
    expect(recommended(change, { workload: [draft] })).toEqual([]);
  });
});

/** The other replica is in an alert too, and the cluster says that both belong to the Deployment. */
const both: Change = (draft) =>
  draft.fact.kind === 'controller' ? { ...draft, entities: [entity.deployment, entity.pod, entity.otherPod] } : draft;
const otherAlert: EvidenceDraft = {
  source: 'cwpp_api',
  field: 'GET /containers [1]',
  trust: 'vendor',
  observedAt: '2025-10-14T09:18:30.000Z',
  fact: {
    kind: 'container',
    name: CONTAINER_NAME.replace(POD, OTHER_POD),
    containerId: '8b'.repeat(32),
    image: 'x',
    listeningPorts: [],
  },
  entities: [entity.otherPod],
};

describe('stopping the workload', () => {
  it('is recommended when several of its replicas show it', () => {
    expect(recommended(both, { 'alert-details': [otherAlert] })).toEqual([
      ['kubernetes.scale-to-zero', entity.deployment.canonical, 'soon'],
    ]);
  });

  it('is not for one replica, however bad it is', () => {
    expect(recommended(both)).toEqual([]);
  });

  it('is not on a suspicion', () => {
    const unconfirmed: Change = (draft) =>
      draft.fact.kind === 'process' || draft.fact.kind === 'file-written' ? undefined : both(draft);
    expect(recommended(unconfirmed, { 'alert-details': [otherAlert] })).toEqual([]);
  });
});

/** The miner came with the image: nothing was downloaded, and nothing was exploited. */
const inTheImage: Change = (draft) => {
  const { fact } = draft;
  if (fact.kind === 'file-written' || fact.kind === 'vulnerability') return undefined;
  if (fact.kind === 'process' && fact.pid === 4690) return undefined;
  if (fact.kind === 'process' && fact.pid === 4711)
    return { ...draft, fact: { ...fact, path: '/usr/local/bin/xmrig', parentPid: 1 } };
  return fact.kind === 'revision' && fact.current ? { ...draft, entities: [entity.deployment, entity.pod] } : draft;
};

describe('undoing the rollout', () => {
  it('is recommended when it came with the image of a rollout just before', () => {
    expect(recommended(inTheImage)).toEqual([['kubernetes.rollout-undo', entity.deployment.canonical, 'soon']]);
  });

  it('takes the place of stopping the workload: one outage is enough', () => {
    const change: Change = (draft) => {
      const changed = inTheImage(draft);
      return changed && both(changed);
    };
    expect(recommended(change, { 'alert-details': [otherAlert] }).map(([action]) => action)).toEqual([
      'kubernetes.rollout-undo',
    ]);
  });

  it.each<readonly [string, Change]>([
    ['it was brought in by an attack - the older image can be attacked in the same way', (draft) => draft],
    [
      'the rollout was long before',
      (draft) =>
        draft.fact.kind === 'revision' && draft.fact.current
          ? { ...draft, fact: { ...draft.fact, createdAt: '2025-10-10T08:59:30.000Z' } }
          : draft,
    ],
    [
      'no other image ran before',
      (draft) =>
        draft.fact.kind === 'revision' && draft.fact.current
          ? { ...draft, fact: { ...draft.fact, previousImages: draft.fact.images } }
          : draft,
    ],
    [
      'the cluster was not read for the Deployment',
      (draft) => (draft.fact.kind === 'controller' ? { ...draft, source: 'cwpp_api' } : draft),
    ],
  ])('is not when %s', (name, change) => {
    const changed: Change = (draft) => {
      const first = name.startsWith('it was brought in') ? draft : inTheImage(draft);
      return first && change(first);
    };
    expect(recommended(changed)).toEqual([]);
  });
});

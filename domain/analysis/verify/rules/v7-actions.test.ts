import { describe, expect, it } from 'vitest';
import { cryptoMinerParts } from '../../../../test/stories/crypto-miner.ts';
import { answerOf, BINDING, droppedBy, GUARD, MINER, PACK, said } from '../../../../test/stories/verified.ts';
import { composePack } from '../../../evidence/pack.ts';
import { analyseByRules } from '../../rules/analyse.ts';
import { verifyAnswer } from '../verify.ts';

describe('V7: actions are the rules’', () => {
  it.each([
    ['names an action of the catalogue that is not recommended', 'The plan is kubernetes.delete-namespace for it.'],
    ['orders what the rules do not recommend', 'Terminate the pod at once.'],
    ['orders politely', 'Please immediately delete the deployment and restart the node.'],
    ['orders in the passive', 'The node should be rebooted now.'],
    ['orders a reader', 'Analysts must disable the webhook.'],
    ['recommends', 'We recommend to scale the deployment down.'],
    ['orders in its second part', 'The pod runs, and then restart the node.'],
    ['asks to open something', 'Open the report of the pod.'],
    ['aims a recommended action at another pod', 'Quarantine pod payments/checkout-6d9f7c5b8d-k7m4p.'],
    ['aims it at a thing no evidence holds', 'Quarantine prod-eks/kube-system/coredns at once.'],
    ['adds a flag', 'Quarantine the pod with --all-namespaces for good.'],
  ])('drops a sentence that %s', (_name, text) => {
    expect(droppedBy(said(text))).toBe('V7');
  });

  it('drops a call on a binding the rules leave alone, even when only its id names it', () => {
    const binding = { kind: 'role-binding', canonical: 'prod-eks/ClusterRoleBinding/other', label: 'other' } as const;
    const pack = composePack({
      ...PACK,
      parts: cryptoMinerParts().map((part) => ({
        ...part,
        drafts: part.drafts.map((draft) =>
          draft.fact.kind === 'role-binding' ? { ...draft, entities: [...draft.entities, binding] } : draft,
        ),
      })),
    });
    const other = pack.entities.find(({ canonical }) => canonical === binding.canonical)?.id ?? '';
    const judged = (entities: string[]) =>
      verifyAnswer(answerOf(said('Delete the binding.', { entities })), pack, analyseByRules(pack), GUARD);
    expect(judged([])).toMatchObject({ narrative: [{ text: 'Delete the binding.' }] });
    expect(judged([other])).toMatchObject({ narrative: [], violations: [{ rule: 'V7' }] });
  });

  it.each([
    ['repeats a recommendation on its target', said('Quarantine pod payments/checkout-6d9f7c5b8d-x2x9q.')],
    ['names it as the catalogue does', said('The decision is kubernetes.quarantine-pod for the pod.')],
    ['tells what was done', said('The miner was stopped by nobody.', { evidence: [MINER] })],
    ['tells what runs', said('Process 4711 runs and opens connections.', { evidence: [MINER] })],
    ['says what a binding is', said('The binding removes no right.', { evidence: [BINDING] })],
  ])('lets a sentence stand that %s', (_name, claim) => {
    expect(droppedBy(claim)).toBeUndefined();
  });

  it('is needed: without it people are told to take down what they should not', () => {
    expect(droppedBy(said('Terminate the pod at once.'), 'V7')).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cryptoMinerParts } from '../../../../test/stories/crypto-miner.ts';
import { answerOf, BINDING, droppedBy, GUARD, MINER, PACK, RULES, said } from '../../../../test/stories/verified.ts';
import { composePack } from '../../../evidence/pack.ts';
import { analyseByRules } from '../../rules/analyse.ts';
import { ASKED_FOR, THING_WORDS } from '../objects.ts';
import { CONTAINMENT_VERBS, gerundOf, pastOf, type Verb } from '../verbs.ts';
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

  it.each([
    'Delete the deployment now.',
    'Delete the deployment of the binding.',
    'Delete the binding and the deployment.',
    'Delete the binding together with its deployment.',
    'Delete the binding with its service account.',
    'Delete the deployment (binding).',
    'Delete the deployment/binding.',
    'Delete the binding, delete the deployment.',
    'Delete the binding then delete the deployment.',
    'Delete the binding \u2014 delete the deployment too.',
    'Delete deployment payments-admin holding the binding.',
    'Delete the binding\u2019s namespace.',
    'Delete the pod.',
    'The pod runs.Delete the deployment now.',
    'Note:delete the deployment.',
    'Quarantine the node of the pod.',
    'Quarantine the deployment, the pod stays.',
    'Isolate the whole namespace so that the pod cannot talk.',
    'The deployment of the pod should be quarantined.',
    'The deployment should be removed with the binding.',
    'The deployment needs deleting.',
    'The deployment is to be deleted.',
    'The deployment can safely be deleted.',
    'We recommend deleting the deployment.',
    'Consider removing the service account.',
    'It is best to delete the deployment.',
    'The fix is to remove the service account.',
    'Make sure to revoke the role.',
    'Deleting the deployment ends the attack.',
    'Deletion of the deployment is required.',
    'Roll back the deployment.',
    'Revert the release.',
    'Revoke the role binding.',
    'Rotate the node.',
  ])('drops a call on another kind of thing than the one an action is for: %s', (text) => {
    expect(droppedBy(said(text))).toBe('V7');
  });

  it.each([
    'Delete the binding.',
    'Remove the role binding now.',
    'Remove the ClusterRoleBinding of the service account.',
    'Remove the service account from the role binding.',
    'Quarantine the pod of the deployment.',
    'Quarantine the deployment\u2019s pod.',
    'Isolate the pod from the network in its namespace.',
    'The pod should be quarantined immediately.',
    'We recommend isolating the pod.',
    'Isolation of the pod is required.',
    'Rotate the service account token.',
    'Rotate the credentials of the service account.',
    'Rebuild the image with the fixed library.',
    'Redeploy the workload from a patched image.',
    // What somebody did, or may do, is no call.
    'The attacker may delete pods with this token.',
    'Deleting its own file hides the program.',
    'The program tried to remove a log.',
    'The deployment was restarted by nobody.',
    'The decision names kubernetes.quarantine-pod alone.',
    'This suggests that the program opened a connection.',
  ])('lets the language of the recommendations, and accounts of what happened, stand: %s', (text) => {
    expect(droppedBy(said(text))).not.toBe('V7');
  });

  it('drops every call of containment, in whatever form, on a thing that no offered action is aimed at', () => {
    const offered = RULES.actions.map(({ action }) => ASKED_FOR[action]);
    const templates: readonly ((verb: Verb, thing: string) => string)[] = [
      (verb, thing) => `${verb} the ${thing} now.`,
      (verb, thing) => `Please ${verb} every ${thing} of the binding.`,
      (verb, thing) => `The pod runs, then ${verb} the ${thing}.`,
      (verb, thing) => `You should immediately ${verb} this ${thing}.`,
      (verb, thing) => `The ${thing} of the pod must be ${pastOf(verb)}.`,
      (verb, thing) => `We recommend ${gerundOf(verb)} the ${thing}.`,
      (verb, thing) => `It is urgent to ${verb} the ${thing} with the binding.`,
      (verb, thing) => `The ${thing} needs ${gerundOf(verb)}.`,
      (verb, thing) => `${gerundOf(verb)} the ${thing} ends it.`,
      (verb, thing) => `${verb} the pod and the ${thing}.`,
      (verb, thing) => `${verb} the ${thing}, binding and image.`,
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...templates),
        fc.constantFrom(...CONTAINMENT_VERBS),
        fc.constantFrom(...THING_WORDS),
        fc.boolean(),
        (template, verb, [word, thing], capital) => {
          fc.pre(!offered.some(({ verbs, things }) => verbs.includes(verb) && things.includes(thing)));
          const text = template(verb, word);
          const shown = capital ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
          expect([shown, droppedBy(said(shown))]).toEqual([shown, 'V7']);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('lets every offered action be asked for, in every form, on a word for its target', () => {
    const asked = RULES.actions.flatMap(({ action }) => {
      const { verbs, things, says } = ASKED_FOR[action];
      const words = THING_WORDS.filter(([, thing]) => things.includes(thing)).map(([word]) => word);
      return says === undefined ? verbs.flatMap((verb) => words.map((word) => [verb, word] as const)) : [];
    });
    expect(asked.length).toBeGreaterThan(20);
    for (const [verb, word] of asked)
      for (const text of [
        `${verb} the ${word}.`,
        `The ${word} must be ${pastOf(verb)}.`,
        `We recommend ${gerundOf(verb)} the ${word}.`,
        `${verb} the ${word} of the deployment in its namespace.`,
      ])
        expect([text, droppedBy(said(text))]).toEqual([text, undefined]);
  });

  it('is needed: without it people are told to take down what they should not', () => {
    expect(droppedBy(said('Terminate the pod at once.'), 'V7')).toBeUndefined();
  });
});

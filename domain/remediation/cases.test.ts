import { describe, expect, it } from 'vitest';
import { build } from '../../test/evals/golden/build.ts';
import { GOLDEN } from '../../test/evals/golden/golden.ts';
import { analyseByRules } from '../analysis/rules/analyse.ts';

/** Which guidance each incident gets, in its order; the payloads are real ones, of every source (test/evals/golden). */
const TABLE: Readonly<Record<string, string>> = {
  // Prisma Cloud Compute
  'compute-miner-log4shell':
    'deny-egress narrow-binding rotate-credentials close-service update-image roll-back drop-privileges no-token read-only-root',
  'compute-miner-denied': '',
  'compute-console-down': '',
  'compute-miner-bare': 'look-into',
  'compute-host-reverse-shell': 'cut-off-host',
  'compute-host-denied-name': 'look-into',
  'compute-port-scan': 'replace-container',
  'compute-function-miner': 'stop-function',
  'compute-chain-four-alerts': 'deny-egress rotate-credentials close-service update-image no-token',
  'compute-image-xz': 'update-image',
  'compute-metadata-probing': 'rotate-credentials close-service no-token',
  'compute-web-shell': 'close-service read-only-root',
  'compute-ci-build': 'look-into',
  // Prisma Cloud
  'prisma-exposed-admin-host': 'as-the-vendor-says narrow-identity',
  'prisma-open-group': 'open-admin-port',
  'prisma-miner-container': 'replace-container',
  'prisma-public-machine': 'public-instance',
  'prisma-function-rights': 'as-the-vendor-says narrow-identity',
  'prisma-image-critical': 'update-image',
  'prisma-public-bucket': 'public-bucket',
  'prisma-unusual-user': 'narrow-identity',
  'prisma-denied-posture': '',
  // Wiz
  'wiz-token-and-escape':
    'deny-egress rotate-credentials close-service update-image remove-host-access drop-privileges no-token',
  'wiz-pod-reverse-shell': 'deny-egress close-service',
  'wiz-toxic-combination': 'as-the-vendor-says',
  'wiz-public-bucket': 'as-the-vendor-says',
  'wiz-denied-escape': '',
  // Lacework
  'lacework-bad-address-pod': 'deny-egress rotate-credentials close-service no-token',
  'lacework-build-agent': 'cut-off-host',
  'lacework-group-change': 'look-into',
  'lacework-unused-credentials': 'unused-user',
  'lacework-untagged': 'untagged',
  'lacework-inactive-user': 'unused-user',
  'lacework-public-read': 'public-bucket',
  'lacework-open-ssh': 'open-admin-port',
  // Falco
  'falco-exec-and-shadow': 'rotate-credentials drop-privileges no-token no-exec',
  'falco-terminal-shell-published': 'no-exec',
  'falco-audit-exec-published': 'no-exec',
  'falco-release-agent': 'rotate-credentials drop-privileges no-token',
  'falco-dropped-binary': 'deny-egress',
  'falco-scanner': 'remove-host-access',
  'falco-webhook-shell': '',
  // GuardDuty
  'guardduty-reverse-shell-pod': 'deny-egress rotate-credentials close-service update-image drop-privileges no-token',
  'guardduty-container-escape': 'replace-container',
  'guardduty-port-probe': 'open-admin-port',
  'guardduty-brute-force': 'open-admin-port',
  'guardduty-new-binary-ecs': 'replace-container',
  'guardduty-anonymous-access': 'anonymous-cluster',
  'guardduty-privileged-deployment': 'drop-privileges',
  'guardduty-credentials-outside': 'metadata-service narrow-identity',
  'guardduty-function-control-server': 'stop-function',
  'guardduty-public-access-block': 'public-bucket',
  'guardduty-attack-sequence': 'look-into',
  // Inspector
  'inspector-image-spring': 'update-image',
  'inspector-host-spring': 'patch-host',
  'inspector-reachable-port': 'open-admin-port',
  // Any JSON: nobody vouches for it, so nothing is advised.
  'generic-egress': '',
  'generic-host-cron': '',
};

describe('which guidance an incident gets', () => {
  it('is written down for every source', () => {
    const sources = new Set(GOLDEN.filter(({ id }) => id in TABLE).map(({ source }) => source));
    expect(sources).toEqual(new Set(GOLDEN.map(({ source }) => source)));
    expect(GOLDEN.map(({ id }) => id)).toEqual(expect.arrayContaining(Object.keys(TABLE)));
  });

  it.each(Object.entries(TABLE))('%s: %s', async (id, expected) => {
    const golden = GOLDEN.find((one) => one.id === id);
    if (golden === undefined) throw new Error(`there is no golden incident ${id}`);
    const { pack } = await build(golden);
    const { guidance } = analyseByRules(pack);
    expect(guidance?.items.map((one) => one.id.replace(/:N\d+$/, '')).join(' ')).toBe(expected);
    // Each piece says why and what, and stands on evidence and entities that exist.
    const ids = new Set([...pack.items, ...pack.entities].map((one) => one.id));
    for (const { why, steps, targets } of guidance?.items ?? []) {
      expect(why.length).toBeGreaterThan(0);
      expect(steps.length).toBeGreaterThan(0);
      for (const claim of why) expect(claim.evidence.length).toBeGreaterThan(0);
      for (const id of [...targets, ...why.flatMap(({ evidence }) => evidence)]) expect(ids).toContain(id);
    }
    if (expected === '') expect(guidance?.leftOut.length).toBeGreaterThan(0);
  });
});

import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../domain/json/canonical.ts';
import type { LookUpCall, LookUpOutput } from '../../../domain/models/tools.ts';
import { memoryBlobStore } from '../../fakes/plain-stores.ts';
import { type Built, build } from './build.ts';
import { GOLDEN } from './golden.ts';
import { goldenLookUp } from './look-up.ts';

async function built(id: string): Promise<Built> {
  const golden = GOLDEN.find((one) => one.id === id);
  if (golden === undefined) throw new Error(`there is no ${id}`);
  return await build(golden);
}

const entity = ({ pack }: Built, kind: string): string => pack.entities.find((one) => one.kind === kind)?.id ?? 'none';

async function ask(one: Built, call: LookUpCall): Promise<LookUpOutput> {
  const blobs = memoryBlobStore();
  const { key, sha256 } = await blobs.put(`incidents/${one.pack.incidentId}/pack.json`, canonicalJson(one.pack));
  return await goldenLookUp(one, blobs).ask({
    incidentId: one.pack.incidentId,
    packKey: key,
    packSha256: sha256,
    call,
  });
}

async function facts(one: Built, call: LookUpCall) {
  const output = await ask(one, call);
  return output.outcome === 'refused' ? output.reason : output.drafts.map(({ fact }) => fact);
}

describe('a look-up about a golden incident', () => {
  it('finds what the vendor has beyond the pack, and the pack with it', async () => {
    const one = await built('compute-miner-bare');
    const found = await facts(one, { tool: 'process_tree', entity: entity(one, 'container') });
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'process', path: '/bin/sh' }),
        expect.objectContaining({ kind: 'process', pid: 1, path: '/usr/local/bin/node' }),
      ]),
    );
  });

  it('finds the gap again that was there when the evidence was gathered', async () => {
    const one = await built('compute-miner-bare');
    expect(await facts(one, { tool: 'image_vulnerabilities', entity: entity(one, 'image') })).toEqual([
      { kind: 'gap', missing: 'vulnerabilities', reason: 'HTTP 503' },
    ]);
  });

  it('finds nothing where nobody knows anything, as the function does', async () => {
    const one = await built('lacework-login');
    expect(await facts(one, { tool: 'workload_history', entity: entity(one, 'instance'), window: '30d' })).toEqual([]);
    expect(await facts(one, { tool: 'similar_incidents', shared: 'image' })).toEqual([]);
    expect(await facts(one, { tool: 'image_vulnerabilities', entity: entity(one, 'instance') })).toEqual([]);
  });

  it('is refused where the function refuses: a cluster that is not configured, a thing nobody can be asked about', async () => {
    const one = await built('compute-miner-bare');
    expect(await facts(one, { tool: 'identity_permissions', entity: entity(one, 'pod') })).toMatch(
      /not in the configuration/,
    );
    expect(await facts(one, { tool: 'threat_intelligence', entity: entity(one, 'file') })).toMatch(
      /nothing that others/,
    );
  });

  it('reads the cluster of the case', async () => {
    const one = await built('falco-exec-and-shadow');
    const found = await facts(one, { tool: 'identity_permissions', entity: entity(one, 'pod') });
    expect(found).toContainEqual(expect.objectContaining({ kind: 'service-account', name: 'search' }));
    expect(found).toContainEqual(expect.objectContaining({ kind: 'role-binding' }));
    const sre = await built('falco-sre-debug');
    expect(await facts(sre, { tool: 'recent_deployments', entity: entity(sre, 'pod') })).toContainEqual(
      expect.objectContaining({ kind: 'revision', changeCause: 'CHG-4711: raise heap, sre-oncall debugs start-up' }),
    );
  });

  it('asks those who watch the internet, who know what the case says and of all else nothing', async () => {
    const one = await built('compute-chain-four-alerts');
    expect(await facts(one, { tool: 'threat_intelligence', entity: entity(one, 'domain') })).toEqual([
      expect.objectContaining({
        kind: 'threat-intel',
        indicator: 'pool.example.net',
        answers: [expect.objectContaining({ verdict: 'malicious', detail: 'mining pool in 4 reports' })],
      }),
    ]);
    const other = await built('guardduty-miner-name');
    expect(await facts(other, { tool: 'threat_intelligence', entity: entity(other, 'domain') })).toEqual([
      expect.objectContaining({ answers: [expect.objectContaining({ verdict: 'unknown' })] }),
    ]);
  });

  it('remembers earlier incidents by workload and by what they share, within the time that is asked for', async () => {
    const one = await built('compute-miner-bare');
    const pod = entity(one, 'pod');
    const past = expect.objectContaining({ kind: 'past-incident', verdict: 'malicious', outcome: 'contained' });
    expect(await facts(one, { tool: 'workload_history', entity: pod, window: '30d' })).toEqual([past]);
    expect(await facts(one, { tool: 'workload_history', entity: pod, window: '7d' })).toEqual([]);
    expect(await facts(one, { tool: 'similar_incidents', shared: 'technique' })).toEqual([past]);
    expect(await facts(one, { tool: 'similar_incidents', shared: 'hash' })).toEqual([]);
  });
});

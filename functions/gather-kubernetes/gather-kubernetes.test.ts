import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Workload } from '../../domain/workload.ts';
import { statusFault } from '../../test/contract/kubernetes-cluster.ts';
import { factsOf, type Gathering, INCIDENT, POD, startGathering } from '../../test/contract/kubernetes-gathering.ts';
import { sampleIncident } from '../../test/fakes/planning.ts';
import { sampleFinding, sampleWorkload } from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { gatherKubernetes } from './gather-kubernetes.ts';

let on: Gathering;
beforeEach(async () => {
  on = await startGathering();
});
afterEach(() => on.cluster.close());

describe('what cannot be read', () => {
  it('is a named gap when the pod is gone - and that it is gone is evidence', async () => {
    on.cluster.sandbox.change((store) => {
      const pod = store.get('pods', 'payments', POD);
      if (pod) store.remove('pods', pod);
    });
    const { output, gathered } = await on.gather('workload');
    expect(output.gaps).toEqual([`pod payments/${POD}: it no longer exists in the cluster`]);
    expect(gathered.drafts[0]?.entities[0]?.canonical).toBe(`prod-eks/payments/${POD}`);
  });

  it('is a named gap beside the rest when one thing is denied', async () => {
    on.cluster.server.misbehave(statusFault(403, 'services is forbidden', { path: '/services' }));
    const { output, gathered } = await on.gather('workload');
    expect(output.gaps).toEqual([
      expect.stringMatching(/^Services of namespace payments: .* answered 403: services is forbidden$/),
    ]);
    expect(factsOf(gathered, 'pod')).toHaveLength(1);
    expect(factsOf(gathered, 'controller')).toHaveLength(2);
  });

  it.each(['workload', 'identity', 'recent-deployments'] as const)(
    'never fails the incident: %s of a cluster that does not answer',
    async (part) => {
      on.cluster.server.misbehave(statusFault(503, 'no', { times: 100 }));
      const { output } = await on.gather(part);
      expect(output.gaps).toEqual([expect.stringMatching(/^pod payments\/.* answered 503: no$/)]);
    },
  );

  it('is a named gap when nobody configured the cluster', async () => {
    const { output } = await on.gather('identity', { clusters: [] });
    expect(output.gaps).toEqual([`identity of pod payments/${POD}: cluster prod-eks is not in the configuration`]);
    expect(on.cluster.server.calls).toEqual([]);
  });

  it('is a named gap when the alert is about no pod', async () => {
    on.stores.incidents.seed(sampleIncident({ workload: { kind: 'host', host: 'ip-10-0-12-34.ec2.internal' } }));
    expect((await on.gather('workload')).output.gaps).toEqual([
      'what the cluster says about the workload: the alert names no pod of a Kubernetes cluster',
    ]);
  });

  it('is a named gap when the name in the alert is an attack on the path', async () => {
    on.stores.incidents.seed(sampleIncident({ workload: { ...sampleWorkload(), pod: '../../secrets/x' } }));
    expect((await on.gather('workload')).output.gaps[0]).toContain('cannot be the name of pods');
    expect(on.cluster.server.calls).toEqual([]);
  });

  it('says how many pods of a storm were left out', async () => {
    const storm = Array.from({ length: 14 }, (_, index) =>
      sampleFinding({ event: `e${index}`, workload: { ...sampleWorkload(), pod: `pod-${index}` } }),
    );
    on.stores.incidents.seed(sampleIncident(), storm);
    const { output } = await on.gather('workload');
    expect(output.gaps).toHaveLength(10);
    expect(output.gaps.at(-1)).toBe('workload of 5 more pods: only the first 10 pods of an incident are read');
  });
});

describe('what remains', () => {
  it('reads every pod of the incident once', async () => {
    const other: Workload = { ...sampleWorkload(), pod: 'checkout-6d9f7c5b8d-k7m4p' };
    on.stores.incidents.seed(sampleIncident(), [
      sampleFinding(),
      sampleFinding({ event: 'two' }),
      sampleFinding({ event: 'three', workload: other }),
    ]);
    expect(factsOf((await on.gather('workload')).gathered, 'pod').map(({ name }) => name)).toEqual([
      POD,
      'checkout-6d9f7c5b8d-k7m4p',
    ]);
  });

  it('is in the audit log with the digest of what was stored', async () => {
    const { output, gathered } = await on.gather('identity');
    expect(await on.stores.audit.read(INCIDENT)).toMatchObject([
      {
        kind: 'evidence.gathered',
        actor: { type: 'function', id: 'gather-kubernetes' },
        data: {
          part: 'identity',
          key: output.key,
          sha256: output.sha256,
          items: gathered.drafts.length,
          gaps: [],
          cost: gathered.cost,
        },
      },
    ]);
  });

  it('is never a token', async () => {
    const { body } = await on.gather('identity');
    expect(body).not.toContain('token-of-the-sandbox');
  });

  it('is nothing for an incident that is not there, or a part that others gather', async () => {
    const deps = {
      clusters: [],
      account: () => undefined,
      ...on.stores,
      reader: () => on.cluster.read,
      telemetry: recordingTelemetry(),
      now: () => new Date(),
    };
    await expect(gatherKubernetes(deps, { incidentId: 'inc-none', part: 'workload' })).rejects.toThrow(
      'there is no incident',
    );
    await expect(gatherKubernetes(deps, { incidentId: INCIDENT, part: 'vulnerabilities' })).rejects.toThrow();
  });
});

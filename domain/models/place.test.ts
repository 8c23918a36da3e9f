import { describe, expect, it } from 'vitest';
import { sampleConfiguration } from '../../test/fakes/configuration.ts';
import { sampleWorkload } from '../../test/fakes/findings.ts';
import type { Fact } from '../evidence/fact.ts';
import { composePack } from '../evidence/pack.ts';
import type { Workload } from '../workload.ts';
import { modelPlaceOf } from './place.ts';

const AT = '2026-01-02T03:04:05.000Z';

function packOf(workload: Workload, ...facts: readonly Fact[]) {
  return composePack({
    incidentId: 'inc-1',
    workload,
    vendorSeverity: 'high',
    parts: [
      {
        part: 'workload',
        gatheredAt: AT,
        drafts: facts.map((fact) => ({
          source: 'kubernetes_api',
          field: 'x',
          trust: 'own',
          observedAt: AT,
          fact,
          entities: [],
        })),
        cost: { calls: 0, bytes: 0, milliseconds: 0 },
      },
    ],
  });
}

const pod = (labels: Record<string, string>, name = 'checkout-1'): Fact => ({
  kind: 'pod',
  name,
  namespace: 'payments',
  cluster: 'prod-eks',
  uid: `uid-${name}`,
  labels,
  images: [],
});
const ownership = (tags: Record<string, string>, environment?: string): Fact => ({
  kind: 'ownership',
  subject: 'checkout',
  tags,
  ...(environment === undefined ? {} : { environment }),
});
const withRegion = (region: string) => {
  const config = sampleConfiguration();
  return { clusters: config.clusters.map((cluster) => ({ ...cluster, region })) };
};
const nowhere = {
  account: undefined,
  region: undefined,
  cluster: undefined,
  namespace: undefined,
  environment: undefined,
  labels: undefined,
};

describe('modelPlaceOf', () => {
  it('takes a pod from its workload, its cluster of the configuration and its labels', () => {
    expect(modelPlaceOf(withRegion('eu-central-1'), packOf(sampleWorkload(), pod({ app: 'checkout' })))).toEqual({
      account: '111122223333',
      region: 'eu-central-1',
      cluster: 'prod-eks',
      namespace: 'payments',
      environment: 'production',
      labels: ['app=checkout'],
    });
  });

  it('does not guess what nobody said - unknown counts as bound', () => {
    expect(modelPlaceOf({ clusters: [] }, packOf({ kind: 'host', host: 'h' }))).toEqual(nowhere);
  });

  it('reads region and account of a resource from its ARN, and nothing from a global one', () => {
    const at = (uid: string) =>
      modelPlaceOf({ clusters: [] }, packOf({ kind: 'resource', resourceType: 'x', name: 'x', uid }));
    expect(at('arn:aws-cn:rds:cn-north-1:111122223333:db:orders')).toEqual({
      ...nowhere,
      account: '111122223333',
      region: 'cn-north-1',
    });
    expect(at('arn:aws:s3:::bucket')).toEqual(nowhere);
    expect(at('arn:aws:rds:eu-west-1')).toEqual(nowhere);
    expect(at('not-an-arn')).toEqual(nowhere);
  });

  it('leaves unknown what its sources contradict each other about - a binding of either must hold', () => {
    const resource: Workload = {
      kind: 'resource',
      resourceType: 'x',
      name: 'x',
      account: '444455556666',
      region: 'eu-west-1',
      uid: 'arn:aws:rds:us-east-1:111122223333:db:orders',
    };
    expect(modelPlaceOf({ clusters: [] }, packOf(resource))).toEqual(nowhere);
    const config = sampleConfiguration();
    const said = packOf(sampleWorkload(), ownership({}, 'staging'));
    expect(modelPlaceOf(config, said).environment).toBeUndefined();
    const same = packOf(sampleWorkload(), ownership({}, 'production'));
    expect(modelPlaceOf(config, same).environment).toBe('production');
    expect(modelPlaceOf({ clusters: [] }, said).environment).toBe('staging');
  });

  it("does not take a vendor's tags for all labels of a pod that could not be read", () => {
    const place = modelPlaceOf(sampleConfiguration(), packOf(sampleWorkload(), ownership({ team: 'payments-team' })));
    expect(place.labels).toBeUndefined();
  });

  it('takes labels of all pods and tags together, because a binding of any of them must hold', () => {
    const pack = packOf(
      sampleWorkload(),
      pod({ track: 'stable' }),
      pod({ track: 'canary' }, 'checkout-2'),
      ownership({ data: 'personal' }),
    );
    expect(modelPlaceOf(sampleConfiguration(), pack).labels).toEqual(['data=personal', 'track=canary', 'track=stable']);
  });

  it('knows that a pod has no labels, and takes tags of anything else only when there are some', () => {
    expect(modelPlaceOf(sampleConfiguration(), packOf(sampleWorkload(), pod({}))).labels).toEqual([]);
    const host: Workload = { kind: 'host', host: 'h' };
    expect(modelPlaceOf({ clusters: [] }, packOf(host, ownership({}))).labels).toBeUndefined();
    expect(modelPlaceOf({ clusters: [] }, packOf(host, ownership({ data: 'personal' }))).labels).toEqual([
      'data=personal',
    ]);
  });
});

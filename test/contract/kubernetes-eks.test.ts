import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EksRole } from '../../connectors/targets/kubernetes/eks.ts';
import { kubernetesReader } from '../../connectors/targets/kubernetes/reader.ts';
import { kubernetesWriter } from '../../connectors/targets/kubernetes/writer.ts';
import { memorySecrets } from '../fakes/secrets.ts';
import { READ_TOKEN, startCluster, type TestCluster, WRITE_TOKEN } from './kubernetes-cluster.ts';

const eks = {
  name: 'prod-eks',
  region: 'eu-central-1',
  readRole: 'arn:aws:iam::111122223333:role/parapet-eks-read',
  writeRole: 'arn:aws:iam::111122223333:role/parapet-eks-write',
};

let on: TestCluster;
beforeEach(async () => {
  on = await startCluster();
});
afterEach(async () => {
  await on.close();
});

describe('a cluster of EKS', () => {
  function clients(tokens: Readonly<Record<string, readonly string[]>>) {
    const asked: string[] = [];
    const token = async ({ role }: EksRole, { fresh }: { readonly fresh: boolean }): Promise<string> => {
      asked.push(`${role.split('/').at(-1)}${fresh ? ' fresh' : ''}`);
      const all = tokens[role] ?? [];
      return (fresh ? all.at(-1) : all[0]) ?? 'none';
    };
    const { caPem } = on.certificates;
    const configuration = { ...on.configuration, eks };
    const secrets = memorySecrets({ [configuration.readSecret]: { caPem }, [configuration.writeSecret]: { caPem } });
    const deps = on.deps({ secrets, eksLogin: { token } });
    return { asked, read: kubernetesReader(configuration, deps), write: kubernetesWriter(configuration, deps) };
  }

  it('is read and changed with tokens of two roles, while the entries hold the certificate authority alone', async () => {
    const { asked, read, write } = clients({ [eks.readRole]: [READ_TOKEN], [eks.writeRole]: [WRITE_TOKEN] });
    expect((await read.getServices('payments')).length).toBeGreaterThan(0);
    expect((await write.getServices('payments')).length).toBeGreaterThan(0);
    expect(asked).toEqual(['parapet-eks-read', 'parapet-eks-write']);
  });

  it('makes another token when one is refused, once', async () => {
    const { asked, read } = clients({ [eks.readRole]: ['expired', READ_TOKEN] });
    expect((await read.getServices('payments')).length).toBeGreaterThan(0);
    expect(asked).toEqual(['parapet-eks-read', 'parapet-eks-read fresh']);
  });

  it('is not reached where nobody can log in, rather than with a token that was meant for something else', async () => {
    const { caPem } = on.certificates;
    const secrets = memorySecrets({ [on.configuration.readSecret]: { token: READ_TOKEN, caPem } });
    const reader = kubernetesReader({ ...on.configuration, eks }, on.deps({ secrets }));
    await expect(reader.getServices('payments')).rejects.toThrow(/nobody here can log in to EKS cluster prod-eks/);
  });
});

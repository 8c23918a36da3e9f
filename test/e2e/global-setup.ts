import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { Configuration } from '../../domain/config/schema.ts';
import { startLaptop } from '../../local/laptop/laptop.ts';
import { laptopSettings } from '../../local/laptop/settings.ts';
import { resourceOfKind } from '../../local/sandbox/kubernetes/resources.ts';
import { allowResponders, responders, withRights } from './responders.ts';
import { STORIES, type StoryName, story } from './stories.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the run under test describes itself (cli/run-file.ts). */
    readonly runFile: string;
    /** Authority of the sandbox's cluster. */
    readonly clusterCa: string;
    /** The cluster's API, and somebody who may change what Parapet may. */
    readonly clusterAdmin: { readonly api: string; readonly token: string };
  }
}

/** Apart from the ports of `npm start`, so that a run may stay up while the tests run. */
const PORT = 14566;
export const EXPIRES_AFTER_SECONDS = 8;
/** Long enough to open the page and decide. The workflow waits half a minute longer for the answer to arrive. */
const LATE_AFTER_SECONDS = 15;

/** One emulator, one deployment and one sandbox for all end-to-end tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const settings = laptopSettings({ run: 'e2e', defaultPort: PORT, environment: {} });
  const runFile = join(settings.root, 'e2e-run.json');
  const laptop = await startLaptop({ settings, runFile, say: (line) => console.log(`e2e: ${line}`), adapt });
  const { cluster, compute } = laptop.sandbox;
  allowResponders(cluster);
  for (const name of STORIES) {
    const { objects, console: records } = story(name);
    cluster.change((store) => {
      for (const object of objects) {
        const { name: objectName, namespace, uid, ...rest } = object.metadata;
        store.put(resourceOfKind(object.kind).plural, {
          ...object,
          metadata: {
            resourceVersion: '1',
            creationTimestamp: '2025-10-14T09:00:00Z',
            ...rest,
            name: objectName,
            uid,
            ...(namespace === undefined ? {} : { namespace }),
          },
        });
      }
    });
    // The vendor does not know the alert of this story: a webhook that somebody forged.
    if (name === 'unconfirmed') continue;
    for (const list of ['incidents', 'containerAudits', 'containers', 'profiles', 'forensic'] as const) {
      for (const record of records[list]) compute.add(list, list === 'incidents' ? withTime(name, record) : record);
    }
  }
  project.provide('runFile', runFile);
  project.provide('clusterCa', laptop.sandbox.credentials.kubernetes.caPem);
  project.provide('clusterAdmin', {
    api: laptop.sandbox.kubernetes.url,
    token: laptop.sandbox.credentials.kubernetes.writeToken,
  });
  return () => laptop.stop();
}

/** A first poll looks back an hour, so these incidents happened ten minutes ago; their audits as long ago as those of others. */
function withTime(name: StoryName, incident: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (name !== 'missed' && name !== 'twice') return incident;
  return { ...incident, time: new Date(Date.now() - 10 * 60_000).toISOString() };
}

/** The sample configuration with the stories' namespaces, approvers whom the cluster is asked about, and a short expiry where it is tested. */
function adapt(sample: Configuration): Configuration {
  return {
    ...sample,
    // Long enough for a test to undo something before it is looked at.
    response: { ...sample.response, watchAfterSeconds: [40] },
    rollout: [
      {
        scope: { cluster: 'prod-eks', namespace: 'payments-expired' },
        phase: 'assist',
        approvalExpiresAfterSeconds: EXPIRES_AFTER_SECONDS,
      },
      {
        scope: { cluster: 'prod-eks', namespace: 'payments-late' },
        phase: 'assist',
        approvalExpiresAfterSeconds: LATE_AFTER_SECONDS,
      },
      { scope: { cluster: 'prod-eks' }, phase: 'assist' },
    ],
    clusters: withRights(sample.clusters),
    approvers: responders(sample.approvers),
  };
}

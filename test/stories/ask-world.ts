import { type ModelsConfiguration, modelsSchema } from '../../domain/config/models.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { modelPlaceOf } from '../../domain/models/place.ts';
import type { LookUpInput, LookUpOutput } from '../../domain/models/tools.ts';
import type { AskDeps } from '../../functions/ask/ask.ts';
import { memoryLinkStore } from '../fakes/context-stores.ts';
import type { ScriptedModel } from '../fakes/model.ts';
import { memorySpendingStore } from '../fakes/spending-store.ts';
import { recordingTelemetry } from '../fakes/telemetry.ts';
import { memoryThreadStore } from '../fakes/thread-store.ts';
import { storyStores } from './asked-action.ts';

export const ASKED = new Date('2025-10-14T09:40:00.000Z');

/** The sample story when somebody asks about it; with models, in their order, when some are given. */
export async function askWorld(
  options: {
    readonly models?: readonly ScriptedModel[];
    readonly configure?: Partial<ModelsConfiguration>;
    readonly found?: LookUpOutput;
  } = {},
) {
  const stores = await storyStores({ asked: false });
  const threads = memoryThreadStore();
  const links = memoryLinkStore();
  const spending = memorySpendingStore();
  const telemetry = recordingTelemetry();
  const lookedUp: LookUpInput[] = [];
  const clusters: Configuration['clusters'] = [];
  let nonces = 0;
  let begun = 0;
  const next = (): number => {
    nonces += 1;
    return nonces;
  };
  const { models = [], found = { outcome: 'refused', reason: 'nothing is looked up here' } } = options;
  const deps: AskDeps = {
    incidents: stores.incidents,
    blobs: stores.blobs,
    audit: stores.audit,
    links,
    threads,
    telemetry,
    nonce: () => `nonce-${next()}`,
    newThread() {
      begun += 1;
      return `th-${String(begun).padStart(12, '0')}`;
    },
    now: () => ASKED,
    ...(models.length === 0
      ? {}
      : {
          models: {
            configuration: { ...configurationOf(models), ...options.configure },
            placeOf: (pack) => modelPlaceOf({ clusters }, pack),
            spending,
            lookUp: {
              async ask(input) {
                lookedUp.push(input);
                return found;
              },
            },
            async load({ name }) {
              const model = models.find(({ port }) => port.profile.name === name);
              if (model === undefined) throw new Error('no such module');
              return model.port;
            },
          },
        }),
  };
  return { deps, stores, threads, links, spending, telemetry, lookedUp };
}

function configurationOf(models: readonly ScriptedModel[]): ModelsConfiguration {
  const profiles = Object.fromEntries(
    models.map(({ port: { profile } }) => {
      const { name, ...rest } = profile;
      return [name, rest];
    }),
  );
  return modelsSchema.parse({ profiles, routes: [{ profiles: Object.keys(profiles) }] });
}

import type { ModelsConfiguration } from '../../domain/config/models.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';
import { modelPlaceOf } from '../../domain/models/place.ts';
import type { ModelPlace, NamedProfile } from '../../domain/models/route.ts';
import { realHttp } from '../http/request.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { ModelPort } from './port.ts';
import type { ConversationDeps } from './question.ts';
import { loadModel } from './registry.ts';

/** What a function that may ask models needs of them, beside its stores. */
export type Models = Pick<ConversationDeps, 'load' | 'lookUp' | 'spending'> & {
  readonly configuration: ModelsConfiguration;
  /** Where evidence comes from, for routes and bindings. */
  readonly placeOf: (pack: EvidencePack) => ModelPlace;
};

/** Undefined when the configuration names no model. An adapter is loaded when its profile is first asked. */
export function modelsFor(
  configuration: Configuration,
  deps: Pick<ConversationDeps, 'lookUp' | 'spending'> & {
    readonly secrets: () => Promise<Secrets>;
    readonly telemetry: Pick<Telemetry, 'count'>;
  },
): Models | undefined {
  const { models } = configuration;
  if (models === undefined) return undefined;
  const loaded = new Map<string, Promise<ModelPort>>();
  return {
    configuration: models,
    placeOf: (pack) => modelPlaceOf(configuration, pack),
    lookUp: deps.lookUp,
    spending: deps.spending,
    load(profile: NamedProfile) {
      const known = loaded.get(profile.name);
      if (known !== undefined) return known;
      const port = loadModel(profile, {
        secrets: deps.secrets,
        http: realHttp,
        onStepDown: (from, to) => deps.telemetry.count('ModelStructuredOutputStepDown', { from, to }),
      });
      loaded.set(profile.name, port);
      // A key that cannot be read now may be readable for the next incident.
      port.catch(() => loaded.delete(profile.name));
      return port;
    },
  };
}

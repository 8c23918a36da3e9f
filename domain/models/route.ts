import type { ModelProfileConfiguration, ModelScope, ModelsConfiguration } from '../config/models.ts';
import type { Severity } from '../severity.ts';

/** Where the evidence of an incident comes from. `undefined`: it cannot be told. */
export interface ModelPlace {
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly cluster: string | undefined;
  readonly namespace: string | undefined;
  readonly environment: string | undefined;
  /** Labels of the pods or tags of the resource as `key=value`; undefined when they could not be read. */
  readonly labels: readonly string[] | undefined;
}

export type NamedProfile = ModelProfileConfiguration & { readonly name: string };

/** Which profiles may be asked, in order; with none, why. */
export type Route =
  | { readonly asked: true; readonly profiles: readonly [NamedProfile, ...NamedProfile[]] }
  | { readonly asked: false; readonly why: string };

/**
 * Which models may see the evidence of an incident. The first route that matches gives the order; every binding that
 * matches takes away what it does not name. A binding whose scope cannot be told matches, because evidence that went to the
 * wrong place cannot be called back (rule 9: a guard that cannot be evaluated refuses).
 */
export function routeFor(models: ModelsConfiguration, place: ModelPlace, severity: Severity): Route {
  const route = models.routes.find(
    ({ severities, scope }) => (severities === undefined || severities.includes(severity)) && matches(scope, place),
  );
  if (route === undefined) return { asked: false, why: 'no route of the configuration matches' };
  if (route.profiles.length === 0) return { asked: false, why: 'the configuration asks no model here' };
  const allowed = allowedFor(models, place);
  const [first, ...rest] = route.profiles
    .filter((name) => allowed.has(name))
    .flatMap((name): NamedProfile[] => {
      const profile = models.profiles[name];
      return profile === undefined ? [] : [{ ...profile, name }];
    });
  if (first === undefined) return { asked: false, why: 'the scope is bound to other models than those of its route' };
  return { asked: true, profiles: [first, ...rest] };
}

/** Names of the profiles that may see evidence of a place at all, whatever asks: analysis, `ask`, `replay`. */
export function allowedFor(models: ModelsConfiguration, place: ModelPlace): ReadonlySet<string> {
  const bindings = models.bindings.filter(({ scope }) => mayMatch(scope, place));
  return new Set(
    Object.keys(models.profiles).filter((name) => bindings.every(({ profiles }) => profiles.includes(name))),
  );
}

const FIELDS = ['account', 'region', 'cluster', 'namespace', 'environment'] as const;

function matches(scope: ModelScope, place: ModelPlace): boolean {
  return (
    FIELDS.every((field) => scope[field] === undefined || scope[field] === '*' || scope[field] === place[field]) &&
    (scope.label === undefined || (place.labels ?? []).includes(scope.label))
  );
}

/** As `matches`, and what is not known may be what the scope names. */
function mayMatch(scope: ModelScope, place: ModelPlace): boolean {
  return (
    FIELDS.every((field) => {
      const wanted = scope[field];
      return wanted === undefined || wanted === '*' || place[field] === undefined || wanted === place[field];
    }) &&
    (scope.label === undefined || place.labels === undefined || place.labels.includes(scope.label))
  );
}

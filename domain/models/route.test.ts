import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ModelScope, type ModelsConfiguration, modelsSchema } from '../config/models.ts';
import { SEVERITIES } from '../severity.ts';
import { allowedFor, type ModelPlace, type Route, routeFor } from './route.ts';

const NAMES = ['large', 'small', 'own'] as const;
const PLACE: ModelPlace = {
  account: '111122223333',
  region: 'eu-central-1',
  cluster: 'prod-eks',
  namespace: 'payments',
  environment: 'production',
  labels: ['data=personal'],
};
const UNKNOWN: ModelPlace = {
  account: undefined,
  region: undefined,
  cluster: undefined,
  namespace: undefined,
  environment: undefined,
  labels: undefined,
};

function models(change: { routes?: unknown; bindings?: unknown } = {}): ModelsConfiguration {
  return modelsSchema.parse({
    profiles: Object.fromEntries(
      NAMES.map((name) => [name, { provider: 'bedrock', modelId: name, region: 'eu-west-1' }]),
    ),
    routes: [{ profiles: ['large', 'small'] }],
    ...change,
  });
}

function namesFor(configuration: ModelsConfiguration, place = PLACE, severity = 'high' as const): string[] {
  return namesOf(routeFor(configuration, place, severity));
}

function namesOf(route: Route): string[] {
  return route.asked ? route.profiles.map(({ name }) => name) : [];
}

describe('routes', () => {
  it('give their profiles in the order of the file, with the name each has there', () => {
    const route = routeFor(models(), PLACE, 'high');
    expect(route.asked && route.profiles.map(({ name, modelId }) => [name, modelId])).toEqual([
      ['large', 'large'],
      ['small', 'small'],
    ]);
  });

  it('are taken by the first that matches severity and scope', () => {
    const configuration = models({
      routes: [
        { severities: ['informational'], profiles: [] },
        { severities: ['low', 'medium'], profiles: ['small'] },
        { scope: { cluster: 'prod-eks', label: 'data=personal' }, profiles: ['own'] },
        { profiles: ['large'] },
      ],
    });
    const at = (severity: (typeof SEVERITIES)[number], place = PLACE) => {
      const route = routeFor(configuration, place, severity);
      return route.asked ? namesOf(route) : route.why;
    };
    expect(at('informational')).toBe('the configuration asks no model here');
    expect(at('medium')).toEqual(['small']);
    expect(at('critical')).toEqual(['own']);
    expect(at('critical', { ...PLACE, labels: ['data=public'] })).toEqual(['large']);
  });

  it('do not match by what is unknown - a route is a wish, not a guard', () => {
    const configuration = models({ routes: [{ scope: { cluster: 'prod-eks' }, profiles: ['large'] }] });
    expect(routeFor(configuration, UNKNOWN, 'high')).toEqual({
      asked: false,
      why: 'no route of the configuration matches',
    });
  });
});

describe('bindings', () => {
  const bound = (scope: ModelScope, profiles: readonly string[] = ['own']) =>
    models({ bindings: [{ scope, profiles }] });

  it('take away what they do not name, and say so when nothing is left', () => {
    expect(namesFor(bound({ region: 'eu-central-1' }, ['small']))).toEqual(['small']);
    expect(routeFor(bound({ region: 'eu-central-1' }), PLACE, 'high')).toEqual({
      asked: false,
      why: 'the scope is bound to other models than those of its route',
    });
  });

  it('with no profile keep evidence from every model', () => {
    expect(allowedFor(bound({ namespace: 'payments' }, []), PLACE)).toEqual(new Set());
  });

  it('hold all together', () => {
    const configuration = models({
      bindings: [
        { scope: { region: 'eu-central-1' }, profiles: ['large', 'own'] },
        { scope: { label: 'data=personal' }, profiles: ['small', 'own'] },
      ],
    });
    expect(allowedFor(configuration, PLACE)).toEqual(new Set(['own']));
  });

  it('of an empty scope hold everywhere', () => {
    expect(allowedFor(bound({}), PLACE)).toEqual(new Set(['own']));
    expect(allowedFor(bound({}), UNKNOWN)).toEqual(new Set(['own']));
  });

  const fields = ['account', 'region', 'cluster', 'namespace', 'environment'] as const;
  it.each(fields)('by %s hold where it is the same or unknown, and only there', (field) => {
    const value = PLACE[field] ?? '';
    const all = new Set(NAMES);
    expect(allowedFor(bound({ [field]: value }), PLACE)).toEqual(new Set(['own']));
    expect(allowedFor(bound({ [field]: value }), { ...PLACE, [field]: undefined })).toEqual(new Set(['own']));
    expect(allowedFor(bound({ [field]: '*' }), { ...PLACE, [field]: undefined })).toEqual(new Set(['own']));
    expect(allowedFor(bound({ [field]: value }), { ...PLACE, [field]: `${value}-2` })).toEqual(all);
  });

  it('by label hold where it is there or none could be read, and only there', () => {
    const configuration = bound({ label: 'data=personal' });
    expect(allowedFor(configuration, PLACE)).toEqual(new Set(['own']));
    expect(allowedFor(configuration, { ...PLACE, labels: undefined })).toEqual(new Set(['own']));
    expect(allowedFor(configuration, { ...PLACE, labels: ['data=public'] })).toEqual(new Set(NAMES));
    expect(allowedFor(configuration, { ...PLACE, labels: [] })).toEqual(new Set(NAMES));
  });

  it('of two fields hold only where both may be so', () => {
    const configuration = bound({ account: '111122223333', environment: 'production' });
    expect(allowedFor(configuration, { ...PLACE, environment: 'staging' })).toEqual(new Set(NAMES));
    expect(allowedFor(configuration, { ...PLACE, environment: undefined })).toEqual(new Set(['own']));
    expect(allowedFor(configuration, { ...UNKNOWN, environment: 'staging' })).toEqual(new Set(NAMES));
  });
});

describe('sovereignty, whatever the configuration and the place', () => {
  const word = fc.constantFrom('a', 'b', '*');
  const known = fc.constantFrom('a', 'b', undefined);
  const scope = fc.record(
    {
      account: word,
      region: word,
      cluster: word,
      namespace: word,
      environment: word,
      label: fc.constantFrom('k=a', 'k=b'),
    },
    { requiredKeys: [] },
  );
  const profiles = fc.subarray([...NAMES]);
  const place = fc.record({
    account: known,
    region: known,
    cluster: known,
    namespace: known,
    environment: known,
    labels: fc.constantFrom(undefined, [], ['k=a'], ['k=a', 'k=b']),
  });
  const configuration = fc
    .record({
      routes: fc.array(
        fc.record(
          { severities: fc.subarray([...SEVERITIES], { minLength: 1 }), scope, profiles },
          { requiredKeys: ['profiles'] },
        ),
        { minLength: 1, maxLength: 4 },
      ),
      bindings: fc.array(fc.record({ scope, profiles }), { maxLength: 4 }),
    })
    .map(models);

  /** Written another way than the code: a binding is lifted only by a field that is known and named otherwise. */
  function lifted(one: ModelScope, at: ModelPlace): boolean {
    const { label, ...named } = one;
    const otherwise = Object.entries(named).some(([field, wanted]) => {
      const is = Object.entries(at).find(([key]) => key === field)?.[1];
      return wanted !== '*' && is !== undefined && is !== wanted;
    });
    return otherwise || (label !== undefined && at.labels !== undefined && !at.labels.includes(label));
  }

  it('no profile outside a binding that is not lifted is ever given', () => {
    fc.assert(
      fc.property(configuration, place, fc.constantFrom(...SEVERITIES), (one, at, severity) => {
        const holding = one.bindings.filter((binding) => !lifted(binding.scope, at));
        const given = namesOf(routeFor(one, at, severity));
        for (const name of [...given, ...allowedFor(one, at)])
          for (const binding of holding) expect(binding.profiles).toContain(name);
      }),
      { numRuns: 500 },
    );
  });

  it('knowing less never allows more', () => {
    fc.assert(
      fc.property(configuration, place, fc.constantFrom(...Object.keys(UNKNOWN)), (one, at, field) => {
        const before = allowedFor(one, at);
        for (const name of allowedFor(one, { ...at, [field]: undefined })) expect(before).toContain(name);
      }),
    );
  });
});

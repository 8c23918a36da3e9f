import type { EntityKind } from '../../../evidence/pack.ts';
import { recommendedActionNameSchema } from '../../analysis.ts';
import { type Call, callsIn } from '../calls.ts';
import { isMeant, thingsIn } from '../objects.ts';
import { particularsOf } from '../particulars.ts';
import { type ClaimContext, type Draft, drop, type VerifierRule } from '../rule.ts';
import { standsIn } from '../words.ts';

/** What an action could be aimed at. A namespace or a file in the same sentence only says where. */
const AIMED_AT: ReadonlySet<EntityKind> = new Set([
  'container',
  'pod',
  'workload',
  'image',
  'node',
  'instance',
  'principal',
  'role-binding',
  'service',
]);

export const v7Actions: VerifierRule = {
  id: 'V7',
  protects: 'people from doing by hand what the rules did not recommend, or to something else',
  wants:
    'no call to do anything, unless it is one of the actions of the decision, on the kind of thing it is for and on its target.',
  claim(draft, context) {
    const names = particularsOf(draft.text).filter(({ kind }) => kind === 'action');
    const offered = context.judgement.actions.map(({ action }) => action);
    if (names.some(({ token }) => !offered.includes(token) && !standsIn(token, context.words)))
      return drop('names an action that is not recommended');
    for (const call of callsIn(draft.text)) {
      if (call.doubtful && thingsIn(call.object).things.length === 0) continue;
      const meant = meantBy(call, context);
      if (meant.length === 0) return drop('calls for an action that is not recommended');
      if (aimsElsewhere(draft, call.part, new Set(meant.map(({ target }) => target)), context))
        return drop('calls for an action on something it is not recommended for');
    }
    return undefined;
  },
};

function meantBy(call: Call, { judgement, ground }: ClaimContext): readonly { readonly target: string }[] {
  return judgement.actions.filter(({ action, target }) => {
    const known = recommendedActionNameSchema.safeParse(action);
    return known.success && isMeant(call, known.data, namesOf(ground.entities.get(target)));
  });
}

/** What people call the target: whole, and without where it is. */
function namesOf(entity: { readonly label: string; readonly canonical: string } | undefined): readonly string[] {
  if (entity === undefined) return [];
  const whole = [entity.label, entity.canonical].map((name) => name.toLowerCase());
  return [...whole, ...whole.map((name) => name.split(/[ /]/).at(-1) ?? name)];
}

function aimsElsewhere(
  { entities }: Draft,
  part: string,
  targets: ReadonlySet<string>,
  { ground, words }: ClaimContext,
): boolean {
  const tokens = part.split(/[\s,"'()]+/).map((token) => token.replace(/[.:;]+$/, ''));
  for (const [id, { kind, label, canonical }] of ground.entities) {
    if (!AIMED_AT.has(kind) || targets.has(id)) continue;
    const name = label.toLowerCase().split(' ').at(-1) ?? '';
    const isNamed = tokens.some((token) => token === name || token === canonical.toLowerCase());
    const sharesName = [...targets].some((target) =>
      standsIn(name, (ground.entities.get(target)?.label ?? '').toLowerCase()),
    );
    if ((isNamed && !sharesName) || (kind === 'role-binding' && entities.includes(id))) return true;
  }
  // A name or a flag that no evidence holds is no target of anything.
  return tokens.some((token) => /^--[a-z]|\//.test(token) && /[-_.\d]|\/.*\//.test(token) && !standsIn(token, words));
}

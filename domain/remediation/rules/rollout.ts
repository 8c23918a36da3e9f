import { claim, duration, entitiesIn, enumerate, factsOf, quote, readableTime } from '../../analysis/rules/facts.ts';
import { type Context, guide, type Outcome, urgencyOf } from '../context.ts';
import type { Step } from '../guidance.ts';
import { type Place, placeOf } from '../place.ts';
import { command, hint } from '../steps.ts';

/** A roll-out counts as a suspect when the first alert came within a day of it. */
const SUSPECT_MS = 24 * 3600 * 1000;

/** Back to what ran before, when the trouble began with a roll-out. */
export function rollBack(context: Context): Outcome[] {
  const { pack } = context.investigation;
  const first = factsOf(pack, 'alert')
    .map(({ fact }) => fact.occurredAt)
    .sort()
    .at(0);
  const revisions = factsOf(pack, 'revision');
  const current = revisions.find(({ fact }) => fact.current);
  if (!context.underAttack || first === undefined || current === undefined) return [];
  const age = Date.parse(first) - Date.parse(current.fact.createdAt);
  const before = current.fact.previousImages ?? [];
  const same = before.every((image) => current.fact.images.includes(image));
  if (age < 0 || age > SUSPECT_MS || before.length === 0 || same) return [];
  return [
    guide(context, 'roll-back', entitiesIn(pack, current.item, 'workload')[0], () => {
      const place = placeOf(context);
      const earlier = revisions
        .filter(({ fact }) => fact.revision < current.fact.revision && sameImages(fact.images, before))
        .sort((a, b) => b.fact.revision - a.fact.revision)
        .at(0);
      return {
        title: `Put ${place.kind} ${place.namespace.text}/${place.name.text} back to what ran before revision ${current.fact.revision}`,
        why: [
          claim(
            'observed',
            `Revision ${current.fact.revision} brought ${enumerate(current.fact.images.slice(0, 3).map((image) => quote(image)))} at ${readableTime(current.fact.createdAt)}, ${duration(current.fact.createdAt, first)} before the first alert; before it ran ${enumerate(before.slice(0, 3).map((image) => quote(image)))}.`,
            [current.item, ...(earlier === undefined ? [] : [earlier.item])],
          ),
          claim(
            'inferred',
            'The trouble may have come with this roll-out; a flaw that both versions have is not removed by going back.',
            [current.item],
          ),
        ],
        steps: steps(context, place, earlier?.fact.revision),
        urgency: urgencyOf(context) === 'immediate' ? ('soon' as const) : ('planned' as const),
      };
    }),
  ];
}

function sameImages(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((image) => b.includes(image));
}

function steps({ slots }: Context, place: Place, revision: number | undefined): Step[] {
  const { management, controller, namespace } = place;
  const history = command(slots, 'Which revisions there are', [
    'kubectl',
    'rollout',
    'history',
    controller,
    '-n',
    namespace,
  ]);
  const to = revision === undefined ? undefined : slots.take('revision', String(revision));
  const undo = (emergency: boolean): Step =>
    command(
      slots,
      emergency ? `Only to win time: ${management.tool} will put its own state back` : 'Go back',
      [
        'kubectl',
        'rollout',
        'undo',
        controller,
        '-n',
        namespace,
        to === undefined ? undefined : ['--to-revision=', to],
      ],
      { emergency },
    );
  const wait = command(slots, 'Wait until it runs', ['kubectl', 'rollout', 'status', controller, '-n', namespace]);
  switch (management.by) {
    case 'gitops':
      return [
        hint(`Revert the commit in the Git repository that ${management.tool} deploys from.`),
        history,
        undo(true),
        wait,
      ];
    case 'helm': {
      const release = slots.only('release');
      return release === undefined
        ? [hint('Roll the Helm release back to the revision before.'), history, undo(true), wait]
        : [
            command(slots, 'Which releases there were', ['helm', 'history', release, '-n', namespace]),
            command(slots, 'Go back to the one before', ['helm', 'rollback', release, '-n', namespace]),
            wait,
          ];
    }
    case 'nobody':
      return [history, undo(false), wait];
  }
}

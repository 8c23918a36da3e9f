import { factsOf, type Piece } from '../analysis/rules/facts.ts';
import type { PatchFile } from './command/grammar.ts';
import type { Context } from './context.ts';
import type { Step } from './guidance.ts';
import { controllerText } from './known.ts';
import { type Management, managementOf } from './management.ts';
import { fixed, object, type Tree } from './patch/tree.ts';
import { type Slot, Unrepresentable } from './slots.ts';
import { command, hint, yamlPatch } from './steps.ts';

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job'] as const;
type Kind = (typeof KINDS)[number];

/** Where a change of the pod's template must be made. */
export interface Place {
  readonly kind: Kind;
  readonly namespace: Slot;
  readonly name: Slot;
  /** `deployment/checkout` */
  readonly controller: Slot;
  readonly management: Management;
  readonly piece: Piece<'controller'>;
}

/** @throws {Unrepresentable} for a bare pod, or one of an operator: who writes its template is not known */
export function placeOf({ investigation, slots }: Context): Place {
  const found = controllerOf(investigation.pack);
  if (found === undefined)
    throw new Unrepresentable('the evidence names no controller whose template could be changed');
  const { kind, piece } = found;
  return {
    kind,
    piece,
    namespace: slots.take('namespace', piece.fact.namespace),
    name: slots.take('controller-name', piece.fact.name),
    controller: slots.take('controller', controllerText(kind, piece.fact.name)),
    management: managementOf(piece.fact),
  };
}

function controllerOf(pack: Context['investigation']['pack']) {
  const pieces = factsOf(pack, 'controller');
  return KINDS.flatMap((kind) => {
    const piece = pieces.find(({ fact }) => fact.controllerKind === kind);
    return piece === undefined ? [] : [{ kind, piece }];
  }).at(0);
}

/** A change of the pod's template, as a patch of the controller. */
export function templatePatch({ kind, name, namespace }: Place, podSpec: Tree): Tree {
  const template = object({ spec: object({ template: object({ spec: podSpec }) }) });
  return object({
    apiVersion: fixed(kind === 'CronJob' || kind === 'Job' ? 'batch/v1' : 'apps/v1'),
    kind: fixed(kind),
    metadata: object({ name, namespace }),
    spec: kind === 'CronJob' ? object({ jobTemplate: template }) : object({ template: object({ spec: podSpec }) }),
  });
}

/**
 * The steps that bring a change of the template in: where a tool keeps the template, there first; a change on the cluster
 * is then only an emergency measure, because the tool puts its own back.
 */
export function templateSteps(
  { slots }: Context,
  place: Place,
  change: { readonly purpose: string; readonly file: PatchFile; readonly podSpec: Tree; readonly values?: Tree },
): Step[] {
  const { management, controller, namespace } = place;
  const manifest = templatePatch(place, change.podSpec);
  const patch = (purpose: string, where: string): Step => yamlPatch('kubernetes-manifest', purpose, where, manifest);
  const apply = (emergency: boolean): Step =>
    command(
      slots,
      emergency ? `Only to win time: ${management.tool} will put its own state back` : change.purpose,
      ['kubectl', 'patch', controller, '-n', namespace, '--patch-file', change.file],
      { emergency },
    );
  switch (management.by) {
    case 'gitops':
      return [
        patch(
          change.purpose,
          `the manifest in the Git repository that ${management.tool} deploys from; also as ${change.file}`,
        ),
        apply(true),
      ];
    case 'helm':
      return [
        change.values === undefined
          ? hint(`${change.purpose}: in the chart or the values that Helm installs `, controller, ' from.')
          : yamlPatch(
              'helm-values',
              change.purpose,
              'the values of the release; the names are those of the usual chart, compare them with yours',
              change.values,
            ),
        patch('The same on the cluster, for an emergency', `a file ${change.file}`),
        apply(true),
      ];
    case 'nobody':
      return [
        patch(change.purpose, `a file ${change.file}, and wherever the manifest is kept`),
        command(slots, 'Try it: the API server checks the change and keeps nothing', [
          'kubectl',
          'patch',
          controller,
          '-n',
          namespace,
          '--patch-file',
          change.file,
          '--dry-run=server',
        ]),
        apply(false),
        command(slots, 'Wait until the new pods run', ['kubectl', 'rollout', 'status', controller, '-n', namespace]),
      ];
  }
}

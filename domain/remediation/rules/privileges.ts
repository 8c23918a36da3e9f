import { claim, enumerate, factsOf, type Piece, quote } from '../../analysis/rules/facts.ts';
import { type Context, guide, type Outcome, urgencyOf } from '../context.ts';
import { fixed, object, type Tree } from '../patch/tree.ts';
import { placeOf, templateSteps } from '../place.ts';
import { hint } from '../steps.ts';

type SecurityContext = Piece<'security-context'>;

/** Security contexts of the affected pods: of the container the alert names, where it is known. */
function contextsOf({ investigation: { pack, affected } }: Context): SecurityContext[] {
  const ofPod = factsOf(pack, 'security-context').filter(({ item }) =>
    affected.some(({ entity }) => entity !== undefined && item.entities.includes(entity.id)),
  );
  const named = pack.workload.kind === 'pod' ? pack.workload.container : undefined;
  const own = ofPod.filter(({ fact }) => fact.container === named);
  return own.length > 0 ? own : ofPod;
}

function podOf({ investigation }: Context) {
  return investigation.affected.map(({ entity }) => entity).find((entity) => entity !== undefined);
}

/** What a container may do beyond what a service needs: each point by itself, so that the patch holds only what is wrong. */
function violations({
  fact,
}: SecurityContext): { readonly words: string; readonly setting: readonly [string, Tree] }[] {
  return [
    ...(fact.privileged ? [{ words: 'is privileged', setting: ['privileged', false] as const }] : []),
    ...(fact.runsAsRoot === 'yes' ? [{ words: 'runs as root', setting: ['runAsNonRoot', true] as const }] : []),
    ...(fact.allowPrivilegeEscalation === true || (fact.allowPrivilegeEscalation === undefined && fact.privileged)
      ? [{ words: 'may gain more privileges', setting: ['allowPrivilegeEscalation', false] as const }]
      : []),
    ...(fact.addedCapabilities.length > 0
      ? [
          {
            words: `has added capabilities ${enumerate(fact.addedCapabilities.slice(0, 10).map((name) => quote(name, 40)))}`,
            setting: ['capabilities', object({ drop: [fixed('ALL')] })] as const,
          },
        ]
      : []),
  ];
}

/** `securityContext` without what the container may do too much; one patch for each container. */
export function dropPrivileges(context: Context): Outcome[] {
  const wrong = contextsOf(context).filter((one) => violations(one).length > 0);
  return wrong.slice(0, 3).map((one, index) =>
    guide(context, index === 0 ? 'drop-privileges' : `drop-privileges-${index + 1}`, podOf(context), () => {
      const place = placeOf(context);
      const container = context.slots.take('container', one.fact.container);
      const settings = object(Object.fromEntries(violations(one).map(({ setting }) => setting)));
      const strict = one.fact.privileged || one.fact.addedCapabilities.length > 0;
      return {
        title: `Take privileges away from container ${container.text} of ${place.kind} ${place.namespace.text}/${place.name.text}`,
        why: [
          claim(
            'observed',
            `Container ${container.text} ${enumerate(violations(one).map(({ words }) => words))}; whoever runs code in it has the same.`,
            [one.item],
          ),
        ],
        steps: [
          ...templateSteps(context, place, {
            purpose: `Set the security context of container ${container.text}`,
            file: 'parapet-drop-privileges.yaml',
            podSpec: object({ containers: [object({ name: container, securityContext: settings })] }),
            values: object({ securityContext: settings }),
          }),
          ...(one.fact.runsAsRoot === 'yes'
            ? [
                hint(
                  'With runAsNonRoot the pod does not start as long as its image runs as root: give the image a USER with a number, and the files it writes to that user.',
                ),
              ]
            : []),
          ...(strict
            ? [hint('A capability the program proves to need is added back by name, below capabilities.add.')]
            : []),
        ],
        urgency: one.fact.privileged
          ? urgencyOf(context)
          : context.underAttack
            ? ('soon' as const)
            : ('planned' as const),
      };
    }),
  );
}

/** The host's network, processes or files within the pod: each of them is a way out of the container. */
export function hostAccess(context: Context): Outcome[] {
  const all = contextsOf(context);
  const open = all.filter(({ fact }) => fact.hostNetwork || fact.hostPid || fact.hostPaths.length > 0);
  if (open.length === 0) return [];
  return [
    guide(context, 'remove-host-access', podOf(context), () => {
      const place = placeOf(context);
      const network = open.some(({ fact }) => fact.hostNetwork);
      const processes = open.some(({ fact }) => fact.hostPid);
      const paths = [...new Set(open.flatMap(({ fact }) => fact.hostPaths))].slice(0, 10);
      const said = [
        ...(network ? ['the network of the host'] : []),
        ...(processes ? ['the processes of the host'] : []),
        ...paths.map((path) => `host path ${quote(path, 120)}`),
      ];
      const settings = object({
        hostNetwork: network ? false : undefined,
        hostPID: processes ? false : undefined,
      });
      return {
        title: `Close the ways from ${place.kind} ${place.namespace.text}/${place.name.text} to its host`,
        why: [
          claim(
            'observed',
            `The pod reaches ${enumerate(said)}.`,
            open.map(({ item }) => item),
          ),
        ],
        steps: [
          ...(network || processes
            ? templateSteps(context, place, {
                purpose: 'Run the pod in namespaces of its own',
                file: 'parapet-host-access.yaml',
                podSpec: settings,
                values: settings,
              })
            : []),
          // The evidence holds the path and not the name of the volume, which a patch would need.
          ...paths.map((path) =>
            hint(
              'Remove the volume with hostPath ',
              context.slots.take('path', path),
              ' and its mounts from ',
              place.controller,
              '; a directory the program only writes to is an emptyDir, configuration is a ConfigMap.',
            ),
          ),
        ],
        urgency: urgencyOf(context),
      };
    }),
  ];
}

/** A root file system that cannot be written keeps a dropped program from being there, and from coming back. */
export function readOnlyRoot(context: Context): Outcome[] {
  const writable = contextsOf(context).filter(({ fact }) => fact.readOnlyRootFilesystem !== true);
  const written = factsOf(context.investigation.pack, 'file-written');
  const [one] = writable;
  if (one === undefined || (one.fact.readOnlyRootFilesystem === undefined && written.length === 0)) return [];
  return [
    guide(context, 'read-only-root', podOf(context), () => {
      const place = placeOf(context);
      const container = context.slots.take('container', one.fact.container);
      const settings = object({ readOnlyRootFilesystem: true });
      const seen = written.slice(0, 3).map(({ fact }) => quote(fact.path, 120));
      return {
        title: `Make the root file system of container ${container.text} read-only`,
        why: [
          claim(
            'observed',
            seen.length === 0
              ? `Container ${container.text} can write to its root file system.`
              : `Container ${container.text} can write to its root file system; ${enumerate(seen)} ${seen.length === 1 ? 'was' : 'were'} written while it ran.`,
            [one.item, ...written.slice(0, 3).map(({ item }) => item)],
          ),
        ],
        steps: [
          ...templateSteps(context, place, {
            purpose: `Make the root file system of container ${container.text} read-only, with a directory for temporary files`,
            file: 'parapet-read-only-root.yaml',
            podSpec: object({
              containers: [
                object({
                  name: container,
                  securityContext: settings,
                  volumeMounts: [object({ name: fixed('temporary'), mountPath: fixed('/tmp') })],
                }),
              ],
              volumes: [object({ name: fixed('temporary'), emptyDir: object({ sizeLimit: fixed('64Mi') }) })],
            }),
            values: object({ securityContext: settings }),
          }),
          hint(
            'Each further directory the program must write to needs an emptyDir of its own; what it writes there is gone with the pod.',
          ),
        ],
        urgency: context.underAttack ? ('soon' as const) : ('planned' as const),
      };
    }),
  ];
}

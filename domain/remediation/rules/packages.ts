import { claim, entitiesIn, enumerate, factsOf, quote } from '../../analysis/rules/facts.ts';
import { type Correlated, isExploited, isInReach } from '../../correlation/correlate.ts';
import type { Entity } from '../../evidence/pack.ts';
import { type Context, guide, type Outcome } from '../context.ts';
import { type Ecosystem, ecosystemOf, isLater, versionFor } from '../ecosystem.ts';
import type { Step } from '../guidance.ts';
import { managementOf } from '../management.ts';
import { type Update, updateSteps } from '../package-change.ts';
import { Unrepresentable } from '../slots.ts';
import { command, hint } from '../steps.ts';

const MAX_PACKAGES = 5;

/** Vulnerabilities that matter here and have a fix: what can be attacked, or all that are present when nothing else happened. */
function fixable({ investigation: { vulnerabilities, judgement } }: Context): Correlated[] {
  const only = judgement.verdict === 'vulnerability_only';
  return vulnerabilities.filter(
    (one) => one.fixedIn !== undefined && (isInReach(one) || (only && one.relevance !== 'not_relevant')),
  );
}

/** An image with packages that hold a fix, or a machine's own packages. */
export function updatePackages(context: Context): Outcome[] {
  const { pack } = context.investigation;
  const byTarget = new Map<Entity, Correlated[]>();
  for (const one of fixable(context)) {
    const target =
      pack.workload.kind === 'host'
        ? entitiesIn(pack, one.piece.item, 'instance')[0]
        : (entitiesIn(pack, one.piece.item, 'image')[0] ?? entitiesIn(pack, one.piece.item, 'workload')[0]);
    if (target !== undefined) byTarget.set(target, [...(byTarget.get(target) ?? []), one]);
  }
  return [...byTarget].map(([target, all]) => {
    const told = all.slice(0, MAX_PACKAGES);
    return guide(context, target.kind === 'instance' ? 'patch-host' : 'update-image', target, () => {
      const updates = latest(context, told);
      const names = updates.map(({ name, version }) => `${name.text} to ${version.text}`);
      return {
        title: `Update ${enumerate(names.slice(0, 3))} ${target.kind === 'instance' ? 'on host' : 'in image'} ${quote(target.label, 200)}`,
        why: told.map((one) =>
          claim(
            'observed',
            `${quote(one.piece.fact.cve, 80)} is in ${quote(one.piece.fact.packageName, 120)} ${quote(one.piece.fact.packageVersion, 60)} (${one.relevance.replace('_', ' ')}); ${quote(one.fixedIn ?? '', 80)} holds the fix.`,
            [...one.items],
          ),
        ),
        steps: target.kind === 'instance' ? onHost(context, updates) : inImage(context, target, updates),
        urgency: told.some(isExploited) ? ('immediate' as const) : ('planned' as const),
      };
    });
  });
}

/** One update for each package: the latest of the versions that fix its vulnerabilities. What has no usable version is left out. */
function latest({ slots, investigation: { pack } }: Context, all: readonly Correlated[]): Update[] {
  const distribution = factsOf(pack, 'image')
    .map(({ fact }) => fact.distribution)
    .find((text) => text !== undefined);
  const updates = new Map<string, Update>();
  let trouble = '';
  for (const {
    piece: { fact },
    fixedIn,
  } of all) {
    const version = versionFor(fixedIn ?? '', fact.packageVersion);
    if (version === undefined) {
      trouble ||= 'several versions hold the fix, and none is of the installed release line';
      continue;
    }
    try {
      const update: Update = {
        ecosystem: ecosystemOf(fact.packageType, distribution),
        name: slots.take('package', fact.packageName),
        version: slots.take('version', version),
      };
      const known = updates.get(update.name.text);
      if (known === undefined || isLater(update.version.text, known.version.text))
        updates.set(update.name.text, update);
    } catch (error) {
      if (!(error instanceof Unrepresentable)) throw error;
      trouble ||= error.message;
    }
  }
  if (updates.size === 0) throw new Unrepresentable(trouble);
  return [...updates.values()];
}

function byEcosystem(updates: readonly Update[]): [Ecosystem, Update[]][] {
  const groups = new Map<Ecosystem, Update[]>();
  for (const update of updates) groups.set(update.ecosystem, [...(groups.get(update.ecosystem) ?? []), update]);
  return [...groups];
}

function inImage(context: Context, target: Entity, updates: readonly Update[]): Step[] {
  const { slots, investigation } = context;
  const changes = byEcosystem(updates).flatMap(([ecosystem, group]) => updateSteps(slots, ecosystem, group));
  const image = slots.maybe('image', target.label) ?? slots.maybe('image', target.canonical);
  return [
    ...changes,
    ...(image === undefined
      ? []
      : [
          command(slots, 'What the present image holds that has a fix; of the new one the list no longer names these', [
            'trivy',
            'image',
            image,
            '--severity',
            'HIGH,CRITICAL',
            '--ignore-unfixed',
          ]),
        ]),
    hint(deployWords(context)),
    ...(investigation.judgement.verdict === 'vulnerability_only'
      ? []
      : [hint('A replacement pod from the present image can be attacked in the same way until then.')]),
  ];
}

function deployWords({ investigation: { pack } }: Context): string {
  const [controller] = factsOf(pack, 'controller').filter(({ fact }) => fact.managedBy !== undefined);
  const { by, tool } = managementOf(controller?.fact ?? {});
  switch (by) {
    case 'gitops':
      return `Build the image again and set its new digest in the Git repository that ${tool} deploys from.`;
    case 'helm':
      return 'Build the image again and set its new digest in the values of the Helm release.';
    case 'nobody':
      return 'Build the image again and deploy it by digest, the way it is always deployed.';
  }
}

function onHost({ slots, investigation: { pack } }: Context, updates: readonly Update[]): Step[] {
  const instance = pack.workload.kind === 'host' ? slots.maybe('instance', pack.workload.instanceId) : undefined;
  return [
    ...byEcosystem(updates).flatMap(([ecosystem, group]) =>
      group.flatMap((update) => hostStep(slots, ecosystem, update)),
    ),
    ...(instance === undefined
      ? []
      : [
          command(slots, 'Or all patches of the instance by Systems Manager', [
            'aws',
            'ssm',
            'send-command',
            '--instance-ids',
            instance,
            '--document-name',
            'AWS-RunPatchBaseline',
            '--parameters',
            'Operation=Install',
          ]),
        ]),
    hint(
      'Build the machine image (AMI) anew with these packages and replace instances by it: a patched instance is lost with the next scaling. Restart what has loaded the old version.',
    ),
  ];
}

const HOST_COMMANDS: Readonly<Partial<Record<Ecosystem, readonly string[]>>> = {
  apt: ['apt-get', 'install', '--only-upgrade'],
  apk: ['apk', 'add', '--upgrade'],
  dnf: ['dnf', 'upgrade'],
};

function hostStep(slots: Context['slots'], ecosystem: Ecosystem, update: Update): Step[] {
  const words = HOST_COMMANDS[ecosystem];
  if (words === undefined) {
    return ecosystem === 'os' || ecosystem === 'other'
      ? [
          hint(
            'Update package ',
            update.name,
            ' to ',
            update.version,
            ' or later with the package manager of the host.',
          ),
        ]
      : updateSteps(slots, ecosystem, [update]);
  }
  return [command(slots, 'As root on the host, after its package lists were read again', [...words, update.name])];
}

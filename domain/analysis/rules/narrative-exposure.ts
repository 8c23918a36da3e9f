import { isExploited, isInReach } from '../../correlation/correlate.ts';
import type { FactOf } from '../../evidence/fact.ts';
import type { Claim } from '../analysis.ts';
import { claim, duration, enumerate, factsOf, quote, readableTime } from './facts.ts';
import type { Investigation } from './investigation.ts';
import { placeWords } from './place.ts';

/** How it may have come in, what changed before, and what it can reach. */
export function exposureClaims(investigation: Investigation): Claim[] {
  return [
    ...vulnerabilityClaims(investigation),
    ...deploymentClaims(investigation),
    ...accountClaims(investigation),
    ...contextClaims(investigation),
    ...serviceClaims(investigation),
    ...pastClaims(investigation),
  ];
}

function vulnerabilityClaims({ pack, vulnerabilities }: Investigation): Claim[] {
  const { holds } = placeWords(pack);
  const relevant = vulnerabilities.filter(isInReach);
  const told = (relevant.length > 0 ? relevant : vulnerabilities).slice(0, 5);
  const about = { pack, kinds: ['cve', 'package', 'image'] as const };
  const each = told.flatMap((one) => {
    const { piece, rationale, items, knowledge, fixedIn } = one;
    const { item, fact } = piece;
    const score = fact.cvss === undefined ? `severity ${fact.severity}` : `CVSS ${fact.cvss}, ${fact.severity}`;
    const fix = fixedIn === undefined ? 'no fix is known' : `a fix exists in ${quote(fixedIn)}`;
    const exploited = fact.exploitInTheWild ? ', exploited in the wild' : '';
    const known = knowledge.items.length === 0 || knowledge.phrase === '' ? '' : ` It ${knowledge.phrase}.`;
    const advisory = fact.fixedIn === undefined && fixedIn !== undefined ? knowledge.items : [];
    return [
      claim(
        'observed',
        `${holds} contains ${quote(fact.cve)} (${score}${exploited}) in ${quote(fact.packageName)} ${quote(fact.packageVersion)}; ${fix}.${known}`,
        [item, ...(known === '' ? advisory : knowledge.items)],
        about,
      ),
      ...(isInReach(one)
        ? [
            claim('inferred', `${quote(fact.cve)} ${wayIn(one)}: ${rationale}`, items, {
              pack,
              kinds: ['cve', 'package', 'image', 'process', 'container'],
            }),
          ]
        : []),
    ];
  });
  const rest = vulnerabilities.filter((vulnerability) => !told.includes(vulnerability));
  const others =
    rest.length === 0
      ? []
      : [
          claim(
            'observed',
            `${holds} contains ${rest.length} more vulnerabilities that do not explain what was seen.`,
            rest.slice(0, 20).map(({ piece }) => piece.item),
            about,
          ),
        ];
  return [...each, ...others];
}

function wayIn(one: Investigation['vulnerabilities'][number]): string {
  if (!isExploited(one)) return 'is reachable';
  return one.relevance === 'exploited' ? 'was the way in' : 'is likely the way in';
}

/** Only the current revision, told against the first alert: what was deployed just before is the first suspect. */
function deploymentClaims({ pack }: Investigation): Claim[] {
  const alerts = factsOf(pack, 'alert');
  const first = alerts.map(({ fact }) => fact.occurredAt).sort()[0];
  return factsOf(pack, 'revision')
    .filter(({ fact }) => fact.current)
    .slice(0, 2)
    .map(({ item, fact }) => {
      const before =
        first === undefined || fact.createdAt > first
          ? ''
          : `, ${duration(fact.createdAt, first)} before the first alert`;
      const change =
        fact.previousImages === undefined || fact.previousImages.length === 0
          ? ''
          : `; before it ran ${enumerate(fact.previousImages.slice(0, 3).map((image) => quote(image)))}`;
      const images = enumerate(fact.images.slice(0, 3).map((image) => quote(image)));
      return claim(
        'observed',
        `${quote(fact.controllerKind)} ${quote(fact.controller)} was last changed at ${readableTime(fact.createdAt)}${before}: revision ${fact.revision} with ${images || 'no image'}${change}.`,
        [
          item,
          ...(before === ''
            ? []
            : alerts.filter((alert) => alert.fact.occurredAt === first).map((alert) => alert.item)),
        ],
        { pack, kinds: ['workload', 'image'] },
      );
    });
}

function accountClaims({ pack, accounts }: Investigation): Claim[] {
  return accounts.flatMap(({ name, namespace, tokenMounted, cloudRole, item, bindings, adminBindings }) => {
    const who = `Service account ${quote(namespace)}/${quote(name)}`;
    const about = { pack, kinds: ['principal', 'role-binding', 'pod', 'secret'] as const };
    const rights = bindings
      .filter((binding) => !adminBindings.includes(binding))
      .slice(0, 3)
      .map((binding) =>
        claim(
          'observed',
          `${who} also has ${quote(binding.fact.roleKind)} ${quote(binding.fact.roleName)} through ${binding.fact.bindingKind} ${quote(binding.fact.name)}.`,
          [binding.item],
          about,
        ),
      );
    return [
      ...adminBindings
        .slice(0, 5)
        .map((binding) =>
          claim(
            'observed',
            `${who} of the pod is cluster-admin through ${binding.fact.bindingKind} ${quote(binding.fact.name)}: whoever holds its token controls the whole cluster.`,
            [item, binding.item],
            about,
          ),
        ),
      ...rights,
      claim(
        'observed',
        `${who} has its token ${tokenMounted ? 'mounted in the pod' : 'not mounted in the pod'}${cloudRole === undefined ? '' : ` and may assume cloud role ${quote(cloudRole)}`}.`,
        [item],
        about,
      ),
    ];
  });
}

function contextClaims({ pack }: Investigation): Claim[] {
  return factsOf(pack, 'security-context')
    .slice(0, 3)
    .flatMap(({ item, fact }) => {
      const problems = contextProblems(fact);
      return problems.length === 0
        ? []
        : [
            claim(
              'observed',
              `The security context of container ${quote(fact.container)} is weak: ${enumerate(problems)}.`,
              [item],
              {
                pack,
                kinds: ['pod', 'container', 'node'],
              },
            ),
          ];
    });
}

export function contextProblems(fact: FactOf<'security-context'>): string[] {
  return [
    ...(fact.privileged ? ['it is privileged'] : []),
    ...(fact.runsAsRoot === 'yes' ? ['it runs as root'] : []),
    ...(fact.hostNetwork ? ['it uses the network of its host'] : []),
    ...(fact.hostPid ? ['it sees the processes of its host'] : []),
    ...(fact.allowPrivilegeEscalation === true ? ['privilege escalation is allowed'] : []),
    ...(fact.readOnlyRootFilesystem === false ? ['its root file system is writable'] : []),
    ...(fact.addedCapabilities.length > 0
      ? [`it has added capabilities ${enumerate(fact.addedCapabilities.slice(0, 5).map((name) => quote(name)))}`]
      : []),
    ...(fact.hostPaths.length > 0
      ? [`it mounts host paths ${enumerate(fact.hostPaths.slice(0, 5).map((path) => quote(path)))}`]
      : []),
  ];
}

function serviceClaims({ pack }: Investigation): Claim[] {
  return factsOf(pack, 'service')
    .slice(0, 3)
    .map(({ item, fact }) =>
      claim(
        'observed',
        `Service ${quote(fact.name)} (${quote(fact.type)}) leads traffic to the pod and is ${fact.exposed ? 'reachable from outside the cluster' : 'reachable only inside the cluster'}.`,
        [item],
        { pack, kinds: ['service', 'pod'] },
      ),
    );
}

function pastClaims({ pack }: Investigation): Claim[] {
  const past = factsOf(pack, 'past-incident').filter(({ fact }) => fact.shared === undefined);
  const latest = [...past].sort((a, b) => (a.fact.openedAt < b.fact.openedAt ? 1 : -1))[0];
  if (latest === undefined) return [];
  const ended = latest.fact.outcome === undefined ? 'has no outcome yet' : `ended as ${quote(latest.fact.outcome)}`;
  return [
    claim(
      'observed',
      `The same workload had ${past.length === 1 ? 'an incident' : `${past.length} incidents`} before; the latest, ${quote(latest.fact.incidentId)} of ${readableTime(latest.fact.openedAt)}, ${ended}.`,
      past.map(({ item }) => item),
    ),
  ];
}

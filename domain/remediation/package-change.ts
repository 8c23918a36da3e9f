import type { Ecosystem } from './ecosystem.ts';
import type { Step } from './guidance.ts';
import type { Slot, Slots } from './slots.ts';
import { command, hint, linesPatch } from './steps.ts';

/** A package and the version that holds the fix. */
export interface Update {
  readonly ecosystem: Ecosystem;
  readonly name: Slot;
  readonly version: Slot;
}

/** What to change where, for the packages of one ecosystem. */
export function updateSteps(slots: Slots, ecosystem: Ecosystem, updates: readonly Update[]): Step[] {
  switch (ecosystem) {
    case 'apt':
      return inImage(updates, [
        'RUN apt-get update && apt-get install -y --only-upgrade',
        ' && rm -rf /var/lib/apt/lists/*',
      ]);
    case 'apk':
      return inImage(updates, ['RUN apk add --no-cache --upgrade', '']);
    case 'dnf':
      return inImage(updates, ['RUN dnf -y upgrade', ' && dnf clean all']);
    case 'os':
      return updates.map(({ name, version }) =>
        hint(
          'Update package ',
          name,
          ' to ',
          version,
          ' or later with the package manager of the base image, or take a newer base image.',
        ),
      );
    case 'npm':
      return updates.map(({ name, version }) =>
        command(
          slots,
          'Take the fixed version (for one that another package brings along: "overrides" in package.json)',
          ['npm', 'install', [name, '@', version]],
        ),
      );
    case 'pip':
      return [
        linesPatch(
          'package-manifest',
          'Take the fixed version or a later one',
          'requirements.txt, or the same bounds in pyproject.toml; then write the lock file again',
          updates.map(({ name, version }) => [name, '>=', version]),
        ),
      ];
    case 'maven':
      return maven(updates);
    case 'go':
      return updates.map((update) => goModule(slots, update));
    case 'gem':
      return [
        linesPatch(
          'package-manifest',
          'Take the fixed version or a later one',
          'Gemfile',
          updates.map(({ name, version }) => ['gem "', name, '", ">= ', version, '"']),
        ),
        ...updates.map(({ name }) => command(slots, 'Write the lock file again', ['bundle', 'update', name])),
      ];
    case 'nuget':
      return updates.map(({ name, version }) =>
        command(slots, 'Take the fixed version', ['dotnet', 'add', 'package', name, '--version', version]),
      );
    case 'other':
      return updates.map(({ name, version }) =>
        hint('Set ', name, ' to ', version, ' or later where the build declares it, and write its lock file again.'),
      );
  }
}

/** No version: old builds leave the archives of a distribution, and the newest holds the fix. */
function inImage(updates: readonly Update[], [before, after]: readonly [string, string]): Step[] {
  return [
    linesPatch(
      'dockerfile',
      `Update ${updates.length === 1 ? 'the package' : 'the packages'} while the image is built`,
      'the Dockerfile of the image, after FROM',
      [[before, ...updates.flatMap(({ name }) => [' ', name]), after]],
    ),
    hint(
      'Better where there is one: a newer build of the base image, by digest. A distroless image has no package manager, so that only a newer base image or a newer builder stage brings the fix.',
    ),
  ];
}

const GROUP = /^([A-Za-z][A-Za-z0-9.-]*)[:_]/;
const ARTIFACT = /^[A-Za-z][A-Za-z0-9.-]*[:_]([A-Za-z0-9][A-Za-z0-9._-]*)$/;

function maven(updates: readonly Update[]): Step[] {
  const full = updates.flatMap(({ name, version }) => {
    const [group, artifact] = [name.cut(GROUP), name.cut(ARTIFACT)];
    return group === undefined || artifact === undefined ? [] : [{ group, artifact, version }];
  });
  const bare = updates.filter(({ name }) => name.cut(ARTIFACT) === undefined);
  return [
    ...(full.length === 0
      ? []
      : [
          linesPatch(
            'package-manifest',
            'Take the fixed versions, also of what other packages bring along',
            'pom.xml (Maven)',
            [
              ['<dependencyManagement>'],
              ['  <dependencies>'],
              ...full.flatMap(({ group, artifact, version }) => [
                ['    <dependency>'],
                ['      <groupId>', group, '</groupId>'],
                ['      <artifactId>', artifact, '</artifactId>'],
                ['      <version>', version, '</version>'],
                ['    </dependency>'],
              ]),
              ['  </dependencies>'],
              ['</dependencyManagement>'],
            ],
          ),
          linesPatch('package-manifest', 'The same with Gradle', 'build.gradle', [
            ['dependencies {'],
            ['  constraints {'],
            ...full.map(({ group, artifact, version }) => [
              '    implementation "',
              group,
              ':',
              artifact,
              ':',
              version,
              '"',
            ]),
            ['  }'],
            ['}'],
          ]),
        ]),
    ...bare.map(({ name, version }) =>
      hint(
        'Set ',
        name,
        ' to ',
        version,
        ' or later where the build declares it (the evidence does not name its group).',
      ),
    ),
  ];
}

/** The standard library is no module: it comes with the compiler. */
function goModule(slots: Slots, { name, version }: Update): Step {
  const bare = version.cut(/^v?(.+)$/) ?? version;
  if (!/^[a-z0-9.-]+\.[a-z]{2,}\//.test(name.text)) return hint('Build with Go ', bare, ' or later (', name, ').');
  return version.text.startsWith('v')
    ? hint('Run go get for module ', name, ' at ', version, ' and then go mod tidy.')
    : command(slots, 'Take the fixed version, then go mod tidy', ['go', 'get', [name, '@v', version]]);
}

/** The same in one sentence, for a ticket: `In pom.xml or build.gradle`. */
export function whereToUpdate(ecosystem: Ecosystem): string {
  switch (ecosystem) {
    case 'apt':
    case 'apk':
    case 'dnf':
    case 'os':
      return 'in the base image or the Dockerfile';
    case 'npm':
      return 'in package.json';
    case 'pip':
      return 'in requirements.txt or pyproject.toml';
    case 'maven':
      return 'in pom.xml or build.gradle';
    case 'go':
      return 'in go.mod';
    case 'gem':
      return 'in the Gemfile';
    case 'nuget':
      return 'in the project file';
    case 'other':
      return 'where the build declares it';
  }
}

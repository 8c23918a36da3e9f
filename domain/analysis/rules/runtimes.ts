import { baseName } from './process-tree.ts';

/** Language runtimes and servers whose packages a scanner can name. */
export const RUNTIMES = ['java', 'nodejs', 'python', 'ruby', 'dotnet', 'php', 'go'] as const;
export type Runtime = (typeof RUNTIMES)[number];

const PROGRAMS: readonly (readonly [RegExp, Runtime])[] = [
  [/^java$/, 'java'],
  [/^(?:node|nodejs|npm|next-server)$/, 'nodejs'],
  [/^(?:python[\d.]*|gunicorn|uwsgi|uvicorn|celery)$/, 'python'],
  [/^(?:ruby[\d.]*|puma|unicorn|rails)$/, 'ruby'],
  [/^dotnet$/, 'dotnet'],
  [/^(?:php[\d.]*|php-fpm[\d.]*|apache2|httpd)$/, 'php'],
];

/** The runtime a program is, by its file name; undefined for a shell, a tool or an unknown binary. */
export function runtimeOf(path: string): Runtime | undefined {
  const program = baseName(path);
  return PROGRAMS.find(([pattern]) => pattern.test(program))?.[1];
}

/** The runtime of a command line such as an entry point, `/usr/bin/java -jar /app/checkout.jar`. */
export function runtimeOfCommand(command: string): Runtime | undefined {
  return command
    .trim()
    .split(/\s+/)
    .slice(0, 3)
    .map((word) => runtimeOf(word))
    .find((runtime) => runtime !== undefined);
}

// Package types of image scans: those of Prisma Cloud Compute (jar, nodejs, python, gem, nuget, go, package, binary …), the package
// managers of Amazon Inspector (JAR, POM, NODEPKG, PYTHONPKG, BUNDLER, DOTNET_CORE, GOBINARY …), the ecosystems of OSV.
const PACKAGE_RUNTIMES: Readonly<Record<string, Runtime>> = {
  jar: 'java',
  java: 'java',
  maven: 'java',
  pom: 'java',
  nodejs: 'nodejs',
  npm: 'nodejs',
  nodepkg: 'nodejs',
  yarn: 'nodejs',
  pnpm: 'nodejs',
  python: 'python',
  pip: 'python',
  pypi: 'python',
  pipenv: 'python',
  poetry: 'python',
  pythonpkg: 'python',
  gem: 'ruby',
  ruby: 'ruby',
  rubygems: 'ruby',
  bundler: 'ruby',
  nuget: 'dotnet',
  dotnet_core: 'dotnet',
  php: 'php',
  composer: 'php',
  packagist: 'php',
  go: 'go',
  golang: 'go',
  gomod: 'go',
  gobinary: 'go',
};

/** The runtime that would load a package of this type; undefined for operating-system packages and unknown types. */
export function runtimeOfPackage(packageType: string | undefined): Runtime | undefined {
  const key = packageType?.toLowerCase();
  return key !== undefined && Object.hasOwn(PACKAGE_RUNTIMES, key) ? PACKAGE_RUNTIMES[key] : undefined;
}

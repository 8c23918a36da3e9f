/**
 * How many times dearer `run` is on an input eight times as large: about 8 where the work is in proportion, about 64 where it
 * grows with the square. CPU time of this process, not the clock, and the best of three: a busy machine must not fail a test.
 */
export function growth(run: (size: number) => unknown): number {
  let size = 256;
  while (cpuMs(() => run(size)) < MEASURABLE_MS && size < LARGEST) size *= 2;
  return (
    best(() => run(size * TIMES)) /
    Math.max(
      best(() => run(size)),
      1,
    )
  );
}

/** Between the two, with room for caches and garbage collection. */
export const IN_PROPORTION = 24;

const TIMES = 8;
const MEASURABLE_MS = 4;
const LARGEST = 40_000;

function best(run: () => unknown): number {
  return Math.min(cpuMs(run), cpuMs(run), cpuMs(run));
}

/** CPU time of this process, in milliseconds: what else the machine does is not counted. */
export function cpuMs(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** A process was killed. No code of ours knows this error, so none can do anything about it. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

export interface Mortal {
  /** Counts every call of its methods as input or output, and is killed at one of them. */
  wrap<T extends object>(door: T): T;
  /** Calls that were made. */
  readonly calls: () => number;
}

/**
 * Doors of a process that is killed before its n-th call reaches the outside: after the effect of the one before, and before
 * its record. From then on no door opens any more, as for a process that is gone. Without a number it lives.
 */
export function mortal(dies?: number): Mortal {
  let count = 0;
  return {
    calls: () => count,
    wrap: (door) =>
      new Proxy(door, {
        get(target, name, receiver) {
          const member: unknown = Reflect.get(target, name, receiver);
          // The clock is no door.
          if (typeof member !== 'function' || name === 'now') return member;
          return (...args: readonly unknown[]): unknown => {
            count += 1;
            if (dies !== undefined && count >= dies) return Promise.reject(new Killed(`killed at call ${dies}`));
            return Reflect.apply(member, target, args);
          };
        },
      }),
  };
}

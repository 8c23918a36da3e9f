/** Lets a fake fail on purpose: the next `times` calls of a method throw `error` instead of doing their work. */
export interface Failing<Method extends string> {
  failNext(method: Method, error: Error, times?: number): void;
}

/** Wraps every method of a fake so that `failNext` bites before the method does anything. */
export function failing<Fake extends object>(fake: Fake): Fake & Failing<Extract<keyof Fake, string>> {
  const planned = new Map<string, { error: Error; times: number }>();
  const failNext = (method: string, error: Error, times = 1): void => {
    planned.set(method, { error, times });
  };
  const wrapped = new Proxy(fake, {
    get(target, name, receiver) {
      if (name === 'failNext') return failNext;
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function' || typeof name !== 'string') return member;
      return (...args: readonly unknown[]) => {
        const plan = planned.get(name);
        if (plan && plan.times > 0) {
          plan.times -= 1;
          return Promise.reject(plan.error);
        }
        return Reflect.apply(member, target, args);
      };
    },
  });
  return Object.assign(wrapped, { failNext });
}

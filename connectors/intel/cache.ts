/** What was answered before, and how many calls are left; shared by everybody who uses the same keys. */
export interface CacheStore {
  /** Undefined when there is none, or its lifetime is over. */
  get(key: string, now: Date): Promise<CachedAnswer | undefined>;
  put(key: string, entry: CachedAnswer & { readonly expiresAt: Date }): Promise<void>;
  /** Takes one of `calls` allowed within the window of `seconds` that `now` lies in. @returns false when none is left */
  take(key: string, allowance: { readonly calls: number; readonly seconds: number }, now: Date): Promise<boolean>;
}

export interface CachedAnswer {
  /** JSON; parsed by who asked, because a newer version may have written it. */
  readonly body: string;
  readonly checkedAt: string;
}

import { RefusedError, UnreachableError, UnusableAnswerError } from '../http/request.ts';
import { SecretError } from '../secrets/secrets.ts';
import type { CacheStore } from './cache.ts';
import { type Answer, answerSchema, type IntelName, type IntelSource, type Subject } from './port.ts';

/** One answer of one source about one subject. */
export interface Told {
  readonly source: IntelName;
  readonly subject: Subject;
  readonly answer: Answer;
  readonly checkedAt: string;
}

/** What one source was not able to tell, in words. */
export interface IntelGap {
  readonly source: IntelName;
  readonly subjects: readonly Subject[];
  readonly reason: string;
}

export interface Asked {
  readonly told: readonly Told[];
  readonly gaps: readonly IntelGap[];
  readonly calls: number;
}

export interface AskDeps {
  readonly sources: readonly IntelSource[];
  readonly cache: CacheStore;
  readonly now: () => Date;
  /** Called with what went wrong in the cache: answers do not depend on it. */
  readonly onCacheTrouble: (error: unknown) => void;
}

/** Longest wait for one call. */
const CALL_MS = 3_000;

/**
 * Asks all sources side by side. Each has its own deadline and its own gaps: one that is slow, refuses or talks nonsense
 * takes nothing from the others, and nothing is waited for beyond `budgetMs`. Never throws for a source.
 */
export async function askAll(deps: AskDeps, subjects: readonly Subject[], budgetMs: number): Promise<Asked> {
  const started = deps.now().getTime();
  const inquiries = deps.sources.map((source) => new Inquiry(deps, source, subjects, started + budgetMs));
  await within(budgetMs, Promise.all(inquiries.map(async (inquiry) => await inquiry.run())));
  return {
    told: inquiries.flatMap(({ told }) => told),
    gaps: inquiries.flatMap((inquiry) => inquiry.gaps()),
    calls: inquiries.reduce((sum, { calls }) => sum + calls, 0),
  };
}

/** Ends when the work ends or the time is over, whichever comes first. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** One source's part of one incident. What it has collected can be read at any time. */
class Inquiry {
  readonly #deps: AskDeps;
  readonly #source: IntelSource;
  readonly #subjects: readonly Subject[];
  readonly #left: readonly Subject[];
  readonly #endsAt: number;
  readonly #told: Told[] = [];
  readonly #failed = new Map<string, Subject[]>();
  #calls = 0;

  constructor(deps: AskDeps, source: IntelSource, subjects: readonly Subject[], endsAt: number) {
    const accepted = subjects.filter((subject) => source.accepts(subject));
    this.#deps = deps;
    this.#source = source;
    this.#subjects = accepted.slice(0, source.most);
    this.#left = accepted.slice(source.most);
    this.#endsAt = endsAt;
  }

  get told(): readonly Told[] {
    return [...this.#told];
  }

  get calls(): number {
    return this.#calls;
  }

  async run(): Promise<void> {
    const missing = await Promise.all(
      this.#subjects.map(async (subject) => ((await this.#remembered(subject)) ? [] : [subject])),
    );
    await Promise.all(chunks(missing.flat(), this.#source.batch).map(async (batch) => await this.#ask(batch)));
  }

  gaps(): readonly IntelGap[] {
    const source = this.#source.name;
    const settled = new Set([...this.#told.map(({ subject }) => subject), ...[...this.#failed.values()].flat()]);
    const open = this.#subjects.filter((subject) => !settled.has(subject));
    return [
      ...[...this.#failed].map(([reason, subjects]) => ({ source, subjects, reason })),
      ...(open.length === 0 ? [] : [{ source, subjects: open, reason: 'it did not answer in time' }]),
      ...(this.#left.length === 0
        ? []
        : [{ source, subjects: this.#left, reason: `it is asked about ${this.#source.most} of one incident at most` }]),
    ];
  }

  async #remembered(subject: Subject): Promise<boolean> {
    const { cache, now } = this.#deps;
    try {
      const cached = await cache.get(keyOf(this.#source.name, subject), now());
      const answer = cached === undefined ? undefined : parsedAnswer(cached.body);
      if (cached === undefined || answer === undefined) return false;
      this.#told.push({ source: this.#source.name, subject, answer, checkedAt: cached.checkedAt });
      return true;
    } catch (error) {
      this.#deps.onCacheTrouble(error);
      return false;
    }
  }

  async #ask(batch: readonly Subject[]): Promise<void> {
    try {
      if (!(await this.#allowed())) {
        this.#fail(batch, 'the calls its key allows are used up for now');
        return;
      }
      const timeoutMs = Math.min(CALL_MS, this.#endsAt - this.#deps.now().getTime());
      if (timeoutMs <= 0) return;
      this.#calls += 1;
      const answers = await this.#source.ask(batch, { timeoutMs });
      const checkedAt = this.#deps.now().toISOString();
      for (const [index, subject] of batch.entries()) {
        const answer = answers[index];
        if (answer !== undefined) this.#told.push({ source: this.#source.name, subject, answer, checkedAt });
      }
      await this.#remember(batch, answers, checkedAt);
    } catch (error) {
      this.#fail(batch, reasonOf(error));
    }
  }

  /** A store that cannot count is no reason to break a vendor's limit: then nothing is asked. */
  async #allowed(): Promise<boolean> {
    const { cache, now } = this.#deps;
    for (const allowance of this.#source.allowances) {
      if (!(await cache.take(this.#source.name, allowance, now()))) return false;
    }
    return true;
  }

  async #remember(batch: readonly Subject[], answers: readonly Answer[], checkedAt: string): Promise<void> {
    const now = this.#deps.now();
    await Promise.all(
      batch.map(async (subject, index) => {
        const answer = answers[index];
        if (answer === undefined) return;
        const lifetime = this.#source.lifetimeSeconds(answer, subject, now);
        const expiresAt = new Date(now.getTime() + lifetime * 1000);
        await this.#deps.cache
          .put(keyOf(this.#source.name, subject), { body: JSON.stringify(answer), checkedAt, expiresAt })
          .catch(this.#deps.onCacheTrouble);
      }),
    );
  }

  #fail(batch: readonly Subject[], reason: string): void {
    this.#failed.set(reason, [...(this.#failed.get(reason) ?? []), ...batch]);
  }
}

/** Values have their one spelling and at most 253 characters; what an answer depends on is part of its key. */
function keyOf(source: IntelName, { kind, value, ourSide }: Subject): string {
  return kind === 'ip' ? `${source}#${kind}#${value}#${ourSide}` : `${source}#${kind}#${value}`;
}

function parsedAnswer(body: string): Answer | undefined {
  try {
    const parsed = answerSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // An answer of another version or a broken one: asked again.
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RefusedError) {
    if (error.status === 429) return 'it refuses more calls for now (429)';
    if (error.status === 401 || error.status === 403) return `${error.message}; check its key`;
    return error.message;
  }
  if (error instanceof UnreachableError || error instanceof UnusableAnswerError || error instanceof SecretError)
    return error.message;
  return `it could not be asked (${error instanceof Error ? error.name : 'unknown error'})`;
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  if (all.length === 0) return [];
  if (all.length <= size) return [[...all]];
  return [all.slice(0, size), ...chunks(all.slice(size), size)];
}

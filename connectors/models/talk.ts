import { repairFor } from '../../domain/analysis/verify/repair.ts';
import type { NamedProfile } from '../../domain/models/route.ts';
import { tokensOf } from '../../domain/models/spending.ts';
import { lookUpOffers } from '../../domain/models/tool-offers.ts';
import { lookUpAll } from './looking-up.ts';
import { type PaidCall, paidCall } from './paid-call.ts';
import type { ModelErrorKind, ModelPort, ModelReply, Turn } from './port.ts';
import type { CallSummary, ConversationDeps, Judgement, Question, StoredPack } from './question.ts';

export type Said<T> =
  | { readonly kind: 'answer'; readonly value: T; readonly evidence: StoredPack; readonly summary: CallSummary }
  /** This profile cannot; the next one may. */
  | { readonly kind: 'next'; readonly why: string; readonly summary: CallSummary }
  /** No profile can: money or time is over. */
  | { readonly kind: 'stop'; readonly why: string; readonly summary: CallSummary };

/** A text longer than this is not sent back for repair: it would be paid for twice. */
const MAX_REPEATED = 20_000;

/** One profile, from the question to an answer that was judged, or to the reason why there is none. */
export async function talk<T>(deps: ConversationDeps, question: Question<T>, profile: NamedProfile): Promise<Said<T>> {
  const talkState = new Talk(deps, question);
  let port: ModelPort;
  try {
    port = await deps.load(profile);
  } catch {
    return talkState.end('next', 'its adapter could not be loaded');
  }
  return await talkState.run(port);
}

/** Turns, evidence and counts of one talk. A class because every step changes several of them. */
class Talk<T> {
  readonly #deps: ConversationDeps;
  readonly #question: Question<T>;
  readonly #boundary: string;
  readonly #turns: Turn[] = [];
  readonly #done = new Set<string>();
  readonly #toolsUntil: number;
  #evidence: StoredPack;
  #rounds = 0;
  #lookUps = 0;
  #repaired = false;
  #best: { readonly value: T; readonly faults: number } | undefined;
  #summary: CallSummary = { calls: 0, lookUps: 0, tokens: 0, microUsd: 0, unpricedCalls: 0, callIds: [] };

  constructor(deps: ConversationDeps, question: Question<T>) {
    this.#deps = deps;
    this.#question = question;
    this.#evidence = question.evidence;
    this.#boundary = `=====${deps.nonce()}=====`;
    this.#toolsUntil = deps.now().getTime() + deps.limits.tools.seconds * 1000;
  }

  async run(port: ModelPort): Promise<Said<T>> {
    const opening = this.#question.open(this.#boundary);
    const offered = port.profile.tools && this.#deps.lookUp !== undefined && this.#deps.limits.tools.calls > 0;
    const tools = offered ? lookUpOffers() : [];
    this.#turns.push({ role: 'user', text: opening.user });
    for (;;) {
      const left = this.#question.deadline.getTime() - this.#deps.now().getTime();
      if (left <= 0) return this.bestOr('stop', 'the time for models is over');
      const closed = !offered || this.closed();
      const call = await paidCall(
        this.#deps,
        this.#question,
        port,
        {
          system: opening.system,
          turns: [...this.#turns],
          output: opening.output,
          ...(offered ? { tools, toolsClosed: closed } : {}),
          metadata: {
            incident: this.#question.incidentId,
            prompt: `${this.#question.prompt.id}/${this.#question.prompt.version}`,
          },
          signal: AbortSignal.timeout(left),
        },
        this.#repaired ? this.#question.repair : undefined,
      );
      const end = call.kind === 'reply' ? await this.step(call, closed) : this.failed(call);
      if (end !== undefined) return end;
    }
  }

  /** Whether no more may be looked up. */
  private closed(): boolean {
    const { rounds, calls } = this.#deps.limits.tools;
    return this.#rounds >= rounds || this.#lookUps >= calls || this.#deps.now().getTime() >= this.#toolsUntil;
  }

  private failed(call: Exclude<PaidCall, { kind: 'reply' }>): Said<T> {
    if (call.kind === 'over-budget') return this.bestOr('stop', call.why);
    this.count(call.cost);
    return this.bestOr('next', ERRORS[call.error]);
  }

  /** Undefined: go on. */
  private async step(
    { reply, cost }: Extract<PaidCall, { kind: 'reply' }>,
    closed: boolean,
  ): Promise<Said<T> | undefined> {
    this.count(cost);
    switch (reply.outcome) {
      case 'tool_calls':
        return await this.lookUp(reply, closed);
      case 'json':
        return this.judged(reply);
      case 'unparseable':
        return this.again(reply.rawText, repairFor([{ rule: 'V1', where: 'the answer, which was no JSON object' }]))
          ? undefined
          : this.bestOr('next', 'the answer was not the JSON that was asked for');
      case 'refused':
        return this.bestOr('next', 'the model refused to answer');
      case 'blocked':
        return this.bestOr('next', 'a guardrail blocked the answer');
      case 'truncated':
        return this.bestOr('next', 'the answer was cut off at its length limit');
    }
  }

  private async lookUp(reply: ModelReply, closed: boolean): Promise<Said<T> | undefined> {
    const { lookUp, limits } = this.#deps;
    const calls = reply.calls ?? [];
    if (closed || lookUp === undefined || calls.length === 0)
      return this.bestOr('next', 'it kept asking for evidence instead of answering');
    this.#rounds += 1;
    const { results, evidence, asked } = await lookUpAll(
      { ...this.#deps, lookUp },
      this.#question,
      this.#evidence,
      calls,
      {
        left: limits.tools.calls - this.#lookUps,
        boundary: this.#boundary,
        done: this.#done,
      },
    );
    // A refused call counts as one, or a model could be refused for ever.
    this.#lookUps += Math.max(asked, 1);
    this.#summary = { ...this.#summary, lookUps: this.#summary.lookUps + asked };
    this.#evidence = evidence;
    this.#turns.push({ role: 'calls', calls, continuation: reply.continuation }, { role: 'results', results });
    return undefined;
  }

  private judged(reply: ModelReply): Said<T> | undefined {
    const judgement: Judgement<T> = this.#question.judge(reply.json, this.#evidence.pack, this.#boundary);
    if (judgement.ok && (this.#best === undefined || judgement.faults <= this.#best.faults)) this.#best = judgement;
    if (this.again(reply.rawText, judgement.repair)) return undefined;
    return this.bestOr('next', judgement.ok ? 'no answer' : judgement.reason);
  }

  /** The one repair turn: false when there is nothing to repair, it was used already, or the answer is too long to be sent back. */
  private again(answer: string, broken: string | undefined): boolean {
    if (broken === undefined || this.#repaired || answer.length > MAX_REPEATED) return false;
    this.#repaired = true;
    this.#turns.push(
      { role: 'assistant', text: answer === '' ? '(no text)' : answer },
      { role: 'user', text: this.#question.repair.write(broken) },
    );
    return true;
  }

  private bestOr(kind: 'next' | 'stop', why: string): Said<T> {
    if (this.#best === undefined) return this.end(kind, why);
    return { kind: 'answer', value: this.#best.value, evidence: this.#evidence, summary: this.#summary };
  }

  end(kind: 'next' | 'stop', why: string): Said<T> {
    return { kind, why, summary: this.#summary };
  }

  private count({ callId, tokens, microUsd }: Extract<PaidCall, { kind: 'reply' }>['cost']): void {
    const { calls, microUsd: before, unpricedCalls, callIds, ...rest } = this.#summary;
    this.#summary = {
      ...rest,
      calls: calls + 1,
      tokens: rest.tokens + tokensOf(tokens),
      microUsd: before + (microUsd ?? 0),
      unpricedCalls: unpricedCalls + (microUsd === undefined ? 1 : 0),
      callIds: [...callIds, callId],
    };
  }
}

const ERRORS: Readonly<Record<ModelErrorKind, string>> = {
  throttled: 'it has no capacity now (throttled)',
  unavailable: 'it is not available',
  timeout: 'it did not answer in time',
  denied: 'access to it is denied',
  invalid_request: 'it does not accept the request',
  too_long: 'the evidence is too long for it',
  config: 'its configuration cannot be used',
};

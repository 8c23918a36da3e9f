import { canonicalJson } from '../../../domain/json/canonical.ts';
import type { SandboxCall, SandboxReply, SandboxSystem } from '../system.ts';
import type { Heard } from './analyst.ts';
import { type ModelScenario, play, type Said } from './scenario.ts';

/** What differs between models, not between providers. */
export interface ModelTraits {
  /** Models that refuse native structured output, as several current ones do (maintainers' probes, reference section 3). */
  readonly withoutNativeOutput?: readonly string[];
  /** Models that refuse to be made to call a tool. */
  readonly withoutForcedTools?: readonly string[];
  /** Models that take sampling parameters; newer ones refuse them. */
  readonly withTemperature?: readonly string[];
}

export interface ModelSandboxOptions extends ModelTraits {
  /** How a call is answered when the queue is empty. Default: retell the evidence. */
  readonly otherwise?: ModelScenario;
}

export interface ModelSandbox extends SandboxSystem {
  /** The next calls are answered by these, in order. */
  enqueue(...scenarios: readonly ModelScenario[]): void;
  /** How every call is answered from now on when the queue is empty. */
  otherwise(scenario: ModelScenario): void;
}

/** A request the wire took, in words that are the same for all. */
export interface Understood {
  readonly model: string;
  readonly heard: Heard;
  readonly answerTool: string | undefined;
  /** For the view: what the caller said about itself. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What an assistant said with calls, as it came back; it must be what was said. */
  readonly replayed: readonly unknown[];
}

/** One provider's wire. */
export interface Wire {
  /** The request, or the refusal the real service would give. */
  understand(call: SandboxCall): Understood | SandboxReply;
  /** `issued` is kept: it must come back unchanged. */
  reply(said: Said, understood: Understood, turn: number): { readonly reply: SandboxReply; readonly issued?: unknown };
  readonly forged: () => SandboxReply;
}

/** A model in memory: scripted answers, and the refusals of the real service. */
export function modelSandbox(wire: Wire, options: ModelSandboxOptions): ModelSandbox {
  const queue: ModelScenario[] = [];
  const seen: { readonly modelId: string; readonly played: string; readonly metadata: object }[] = [];
  const issued = new Set<string>();
  let fallback: ModelScenario = options.otherwise ?? { play: 'summarise', sentences: 5 };

  function handle(call: SandboxCall): SandboxReply {
    const understood = wire.understand(call);
    if ('status' in understood) return understood;
    if (!understood.replayed.every((one) => issued.has(canonicalJson(one)))) return wire.forged();
    const scenario = queue.shift() ?? fallback;
    seen.push({ modelId: understood.model, played: scenario.play, metadata: understood.metadata });
    const answer = wire.reply(play(scenario, understood.heard, understood.answerTool), understood, seen.length);
    if (answer.issued !== undefined) issued.add(canonicalJson(answer.issued));
    return answer.reply;
  }

  return {
    handle,
    enqueue: (...scenarios) => void queue.push(...scenarios),
    otherwise: (scenario) => {
      fallback = scenario;
    },
    view: () => ({ calls: seen, waiting: queue.length }),
  };
}

/** The schema that instructions give in words, for models that are asked so. */
export function schemaInWords(system: string): unknown {
  const [, text] = /JSON Schema:\n(\{.*\})/.exec(system) ?? [];
  return text === undefined ? undefined : JSON.parse(text);
}

import { ModelError, type ModelPort, type ModelReply, type ModelRequest } from '../../../connectors/models/port.ts';
import { canonicalJson, sha256Hex } from '../../../domain/json/canonical.ts';
import type { NamedProfile } from '../../../domain/models/route.ts';
import { type RecordedCall, type Recording, replyOf } from './recording.ts';

/** What was sent, without what differs in no way that a model could see. */
function digestOf(request: ModelRequest): string {
  const { signal: _, ...sent } = request;
  return sha256Hex(canonicalJson(sent));
}

export interface RecordingPort {
  readonly port: ModelPort;
  readonly calls: RecordedCall[];
}

/** Asks the model, and writes down what came. */
export function recordingPort(port: ModelPort, elapsedMs: () => number): RecordingPort {
  const calls: RecordedCall[] = [];
  const keep = (request: ModelRequest, result: RecordedCall['result']): void => {
    calls.push({ requestSha256: digestOf(request), endedMs: elapsedMs(), result });
  };
  return {
    calls,
    port: {
      profile: port.profile,
      async generate(request) {
        try {
          const reply = await port.generate(request);
          keep(request, { kind: 'reply', reply: mutable(reply) });
          return reply;
        } catch (error) {
          if (error instanceof ModelError) keep(request, { kind: 'error', error: error.kind });
          throw error;
        }
      },
    },
  };
}

function mutable({ calls, ...reply }: ModelReply): Extract<RecordedCall['result'], { kind: 'reply' }>['reply'] {
  return {
    ...reply,
    usage: { ...reply.usage },
    ...(calls === undefined ? {} : { calls: calls.map((call) => ({ ...call })) }),
  };
}

/** The conversation would now go another way than it went: what was recorded says nothing about it. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
}

export interface ReplayPort {
  readonly port: ModelPort;
  readonly requests: readonly ModelRequest[];
  /** How long the conversation has gone on, by the clock of the day it was held. */
  readonly elapsedMs: () => number;
  /** Set when a call was asked for that was not recorded, or when fewer were than were. */
  readonly diverged: () => string | undefined;
}

/** Plays a recording, call by call, to who asks exactly what was asked then. */
export function replayPort(recording: Recording): ReplayPort {
  const { name, ...rest } = recording.profile;
  const profile: NamedProfile = { ...rest, name };
  const requests: ModelRequest[] = [];
  let elapsed = 0;
  let diverged: string | undefined;
  const another = (why: string): DivergedError => {
    diverged ??= why;
    return new DivergedError(why);
  };
  return {
    requests,
    elapsedMs: () => elapsed,
    diverged: () =>
      diverged ?? (requests.length < recording.calls.length ? 'it would now end after fewer calls' : undefined),
    port: {
      profile,
      async generate(request) {
        const call = recording.calls[requests.length];
        requests.push(request);
        if (call === undefined) throw another('it would now take more calls');
        if (call.requestSha256 !== digestOf(request)) throw another('something else would now be asked');
        elapsed = call.endedMs;
        if (call.result.kind === 'error') throw new ModelError(call.result.error, 'as it was recorded');
        return replyOf(call.result.reply);
      },
    },
  };
}

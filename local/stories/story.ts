import type { Configuration } from '../../domain/config/schema.ts';
import type { Outcome } from '../../domain/incident/incident.ts';
import type { Source } from '../../domain/source.ts';

/** One delivery as the vendor makes it, from a file below the scenario's folder. */
export type Push =
  | { readonly channel: 'webhook'; readonly file: string }
  /** A whole EventBridge event; it is put on the default bus with its own source, detail type and detail. */
  | { readonly channel: 'event-bus'; readonly file: string }
  /** A message to the queue of the source. */
  | { readonly channel: 'queue'; readonly file: string };

/** What one source's walkthrough plays, and what must have happened in the end. */
export interface Story {
  readonly source: Source;
  /** What it is about, in three or four words. */
  readonly title: string;
  /** Folder below local/sandbox/scenarios: the pushes, and what each system holds in the beginning. */
  readonly scenario: string;
  readonly pushes: readonly Push[];
  /** The sample configuration with what this story needs beside it: its source, and scopes of its own. */
  readonly adapt?: (sample: Configuration) => Configuration;
  /** Executable actions that people are asked about, sorted; empty where the story ends in advice. */
  readonly asked: readonly string[];
  readonly outcome: Outcome;
  /** What the printed incident must say, in substance. */
  readonly says: readonly {
    readonly what: string;
    readonly pattern: RegExp;
    /** In the words of the rules' headline; a model has words of its own. */
    readonly headline?: true;
  }[];
}

import type { Configuration } from '../../../domain/config/schema.ts';
import type { Outcome } from '../../../domain/incident/incident.ts';
import type { Laptop } from '../../laptop/laptop.ts';
import type { Story } from '../../stories/story.ts';
import type { Step } from '../step.ts';

/** One way a story can go: what people and the outside do, and what the outside must show in the end. */
export interface Plot {
  /** In a line, for the help. */
  readonly what: string;
  /** Whose alerts it is played with; absent: those of the default story. */
  readonly story?: Story;
  /** The story's configuration with what this plot needs beside it. */
  readonly adapt?: (sample: Configuration) => Configuration;
  readonly outcome: Outcome;
  play(stage: Stage): Promise<readonly Step[]>;
}

export interface Stage {
  readonly laptop: Laptop;
  readonly story: Story;
  readonly say: (line: string) => void;
}

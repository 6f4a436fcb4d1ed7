import type { Counts, Story } from './story.ts';

/** What happens, and what must have been counted at the end. */
export interface Situation {
  readonly what: string;
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** Before the first process starts. */
  readonly given?: (story: Story) => unknown;
  readonly happens: (story: Story) => Promise<unknown>;
  readonly counts: Counts;
}

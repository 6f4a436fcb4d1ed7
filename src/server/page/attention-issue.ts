import type { Severity } from '../../domain/environment.ts';

/** Something a person should know of, gravest first in a list. */
export interface AttentionIssue {
  readonly severity: Severity;
  readonly text: string;
  readonly remedy: string | null;
  /** The alert that compares the same numbers. */
  readonly alert: string | null;
}

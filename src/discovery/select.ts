import picomatch from 'picomatch';
import type { RemoteEnvironment } from '../client/work-api.ts';

export interface SelectionRules {
  /** Globs on name and id. */
  readonly include: readonly string[];
  /** Globs on name and id; these win. */
  readonly exclude: readonly string[];
  /** How many discovered environments may be watched. */
  readonly maxEnvironments: number;
}

export interface Selection {
  readonly watched: readonly RemoteEnvironment[];
  /** Wanted, but over the limit. */
  readonly dropped: readonly RemoteEnvironment[];
  /** Archived, and so not watched. */
  readonly archived: number;
}

/**
 * Which environments of a connection to watch: self-hosted, not archived, included and not excluded, and not configured
 * by hand (`configured` ids win). Over the limit the first by id stay, so that the choice is the same every time.
 */
export function selectEnvironments(
  remote: readonly RemoteEnvironment[],
  rules: SelectionRules,
  configured: ReadonlySet<string>,
): Selection {
  const included = picomatch([...rules.include], { dot: true });
  const excluded = picomatch([...rules.exclude], { dot: true });
  const wanted = remote
    .filter(({ configType, id }) => configType === 'self_hosted' && !configured.has(id))
    .filter(({ id, name }) => included(id) || included(name))
    .filter(({ id, name }) => !excluded(id) && !excluded(name));
  const open = wanted.filter(({ archived }) => !archived).sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    watched: open.slice(0, rules.maxEnvironments),
    dropped: open.slice(rules.maxEnvironments),
    archived: wanted.length - open.length,
  };
}

import type { EnvironmentConfig } from '../config.ts';
import type { ResolveContext } from './resolve-context.ts';
import type { ResolvedConnections } from './resolve-environments.ts';

/** Notes discovery settings without effect, because discovery was not switched on. If it was switched off, that is intended. */
export function noticeIdleDiscovery(enabled: boolean, { values, report, source }: ResolveContext): void {
  if (enabled || source.file === null || values.discovery === undefined || values.discovery.enabled !== undefined)
    return;
  const [first] = Object.keys(values.discovery);
  if (first === undefined || report.isInvalid(['discovery'])) return;
  report.notice(
    ['discovery', first],
    'has no effect, as discovery is off',
    'set discovery.enabled: true, or false to keep this for later',
  );
}

/**
 * Signs of a regular expression that names of environments hardly have: anchors, `.*` at the start, repetitions, classes,
 * alternatives, slashes around it. `prod.*` alone is not one, because it is also a valid glob.
 */
const REGULAR = /^\^|\$$|^\.[*+]|\.\+|\]\+|\\[bdsw]|[^\s|]\|[^\s|]|^\/.+\/$/i;

/** What to write instead of `!`, with which other programs exclude something from a list. */
const INSTEAD_OF_NOT = {
  include: 'put what to leave out into discovery.exclude, without the !',
  exclude: 'leave the ! out, and put what to watch into discovery.include',
} as const;

/** Notes patterns that seem to be meant differently from how they are read: as written they match no likely name. */
export function noticePatterns({ values, report }: ResolveContext): void {
  for (const list of ['include', 'exclude'] as const) {
    for (const [index, pattern] of (values.discovery?.[list] ?? []).entries()) {
      const at = ['discovery', list, index];
      if (REGULAR.test(pattern)) {
        report.notice(
          at,
          'looks like a regular expression, and is read as a glob, in which ^, $, | and . are themselves',
          'write * for anything and {a,b} for alternatives, and leave ^ and $ out',
        );
      } else if (pattern.startsWith('!')) {
        report.notice(at, 'begins with !, which is an ordinary character here', INSTEAD_OF_NOT[list]);
      }
    }
  }
}

/** Notes environments with the key of another environment, as after copying an entry: each needs its own key. */
export function noticeSharedKeys(
  connections: ResolvedConnections,
  environments: readonly EnvironmentConfig[],
  { values, report }: ResolveContext,
): void {
  const owners = new Map<string, string>();
  for (const { environment, environmentKey } of environments) {
    const preset = connections.get(environment.connection)?.preset;
    if (environmentKey === null || !preset?.keysFromConsole) continue;
    const owner = owners.get(environmentKey.reveal());
    if (owner === undefined) {
      owners.set(environmentKey.reveal(), environment.id);
      continue;
    }
    const index = (values.environments ?? []).findIndex(({ id }) => id === environment.id);
    const option =
      values.environments?.[index]?.environment_key === undefined ? 'environment_key_file' : 'environment_key';
    report.noticeAbout(
      environment.id,
      ['environments', index, option],
      `the environment key of {} is also that of ${owner}`,
      'give each its own: such a key reads one environment alone',
    );
  }
}

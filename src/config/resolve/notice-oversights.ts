import type { EnvironmentConfig } from '../config.ts';
import type { ResolveContext } from './resolve-context.ts';
import type { ResolvedConnections } from './resolve-environments.ts';

/** Says that settings of a discovery that nobody switched on do nothing. One that was switched off is meant. */
export function noticeIdleDiscovery(enabled: boolean, { values, report, source }: ResolveContext): void {
  if (enabled || source.file === null || values.discovery === undefined || values.discovery.enabled !== undefined)
    return;
  const [first] = Object.keys(values.discovery);
  if (first === undefined || report.isBroken(['discovery'])) return;
  report.notice(
    ['discovery', first],
    'has no effect, as discovery is off',
    'set discovery.enabled: true, or false to keep this for later',
  );
}

/**
 * What a regular expression has and the name of an environment hardly: the beginning or the end, anything at the
 * beginning, repetitions, classes, alternatives, slashes around it. `prod.*` is also a good glob.
 */
const REGULAR = /^\^|\$$|^\.[*+]|\.\+|\]\+|\\[bdsw]|[^\s|]\|[^\s|]|^\/.+\/$/i;

/** What to do instead of excluding something from a list with `!`, as other programs have it. */
const INSTEAD_OF_NOT = {
  include: 'put what to leave out into discovery.exclude, without the !',
  exclude: 'leave the ! out, and put what to watch into discovery.include',
} as const;

/** Says of patterns that they are read otherwise than they seem to be meant: they match no name that anybody has. */
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

/** Says which environments have the key of another one, as after copying an entry: each has keys of its own. */
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

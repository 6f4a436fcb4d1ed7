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

/** Says that what looks like a regular expression is not read as one: it matches no name that anybody has. */
export function noticeRegularExpressions({ values, report }: ResolveContext): void {
  for (const list of ['include', 'exclude'] as const) {
    for (const [index, pattern] of (values.discovery?.[list] ?? []).entries()) {
      if (!/^\^|\$$/.test(pattern)) continue;
      report.notice(
        ['discovery', list, index],
        'looks like a regular expression, and is read as a glob, in which ^ and $ are themselves',
        'write * for anything, and leave ^ and $ out',
      );
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

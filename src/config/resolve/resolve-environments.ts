import { cutText } from '../../base/text.ts';
import type { EnvironmentConfig } from '../config.ts';
import { nearest } from '../file/nearest.ts';
import { complete, type Path } from '../file/option-tree.ts';
import { quote } from '../file/quote.ts';
import { environmentOptions } from '../options/environment-options.ts';
import type { Values } from '../options/option.ts';
import { checkCredentials } from './check-credentials.ts';
import type { ResolvedConnection } from './resolve-connections.ts';
import type { ResolveContext } from './resolve-context.ts';
import { checkExpiry, resolveKey } from './resolve-key.ts';
import { checkSettings, resolveSettings } from './resolve-settings.ts';

export type ResolvedConnections = ReadonlyMap<string, ResolvedConnection>;
type EnvironmentValues = Values<typeof environmentOptions>;

/** The configured environments; one without a usable id or connection is reported and left out. */
export async function resolveEnvironments(
  connections: ResolvedConnections,
  context: ResolveContext,
): Promise<EnvironmentConfig[]> {
  const { values, report } = context;
  const resolved: EnvironmentConfig[] = [];
  const ids = new Map<string, Path>();
  const names = new Set<string>();
  // In parallel: a file that does not answer must not delay reading the others.
  const reads = (values.environments ?? []).map(async (written, index) => {
    const path = ['environments', index];
    if (report.isInvalid(path)) return null;
    return { path, written, environment: await resolveEnvironment(path, written, { connections, context }) };
  });
  for (const read of await Promise.all(reads)) {
    if (read === null) continue;
    const { path, written, environment } = read;
    checkSettings(path, [written, values], report);
    if (environment === null) continue;
    const { id, name } = environment.environment;
    const first = ids.get(id);
    if (first !== undefined) {
      const { line } = context.source.locate(first);
      const where = line === null ? '' : ` (first on line ${line})`;
      report.problem(
        [...path, 'id'],
        `environment ${id} is listed twice${where}: an id names its series and is unique in the whole process, whatever the connection`,
        'remove one of them',
      );
    } else if (names.has(name)) {
      report.notice(
        [...path, 'name'],
        `two environments have the name ${quote(name)}`,
        'give each its own, or tell them apart by id',
      );
    }
    if (first === undefined) ids.set(id, [...path, 'id']);
    names.add(name);
    resolved.push(environment);
  }
  return resolved;
}

function remedyForId(name: string | null | undefined): string {
  return name?.startsWith('env_')
    ? 'its name looks like one: write id: instead of name:'
    : 'add id: env_… from the Console';
}

async function resolveEnvironment(
  path: Path,
  written: EnvironmentValues,
  { connections, context }: { readonly connections: ResolvedConnections; readonly context: ResolveContext },
): Promise<EnvironmentConfig | null> {
  const { report, values } = context;
  const all = complete(environmentOptions, [written]);
  const key = await resolveKey(
    path,
    { kind: 'environment_key', inline: written.environment_key, file: written.environment_key_file },
    context,
  );
  if (written.id === undefined)
    report.problem([...path, 'id'], 'the environment has no id', remedyForId(written.name), 'key');
  checkExpiry(path, { expires: written.expires, kind: 'environment_key', key }, context);
  const connection = connections.get(all.connection);
  if (connection === undefined) {
    reportMissingConnection(path, all.connection, { connections, context });
    return null;
  }
  checkCredentials(path, key, { connection, context });
  if (written.id === undefined) return null;
  return {
    environment: {
      id: written.id,
      name: cutText(all.name ?? written.id),
      connection: all.connection,
      workspaceId: connection.config.workspaceId,
      source: 'config',
      labels: cutLabels(all.labels),
      ...resolveSettings([written, values], connection.preset),
    },
    environmentKey: key.secret,
    environmentKeyExpires: written.expires ?? null,
  };
}

function reportMissingConnection(
  path: Path,
  name: string,
  { connections, context }: { readonly connections: ResolvedConnections; readonly context: ResolveContext },
): void {
  const { report } = context;
  const isInvalid = [['connections'], ['connections', name], ['api'], [...path, 'connection']].some((at) =>
    report.isInvalid(at),
  );
  if (isInvalid) return;
  const known = [...connections.keys()];
  const near = nearest(name, known);
  const remedy = near === null ? `name one of: ${known.join(', ')}` : `did you mean ${near}?`;
  report.problem([...path, 'connection'], `there is no connection ${quote(name)}`, remedy);
}

/** Label values as they are shown. */
export function cutLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, cutText(value)]));
}

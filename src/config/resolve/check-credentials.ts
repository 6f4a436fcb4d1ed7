import { OPERATIONS, type Operation } from '../../domain/environment.ts';
import type { CredentialKind } from '../../domain/failure.ts';
import type { ProviderPreset } from '../../wire/presets.ts';
import type { Path } from '../file/option-tree.ts';
import type { ResolvedConnection } from './resolve-connections.ts';
import type { ResolveContext } from './resolve-context.ts';
import type { ResolvedKey } from './resolve-key.ts';

/** The operations that the configured keys cannot read. */
function unreadable(preset: ProviderPreset, keys: ReadonlySet<CredentialKind>): Operation[] {
  return OPERATIONS.filter((operation) => !preset.credentials[operation].some((kind) => keys.has(kind)));
}

/** Reports which reads of one environment lack a key: all of them is a problem, some are a notice. */
export function checkCredentials(
  path: Path,
  key: ResolvedKey,
  { connection, context }: { readonly connection: ResolvedConnection; readonly context: ResolveContext },
): void {
  const { report } = context;
  const { preset, config } = connection;
  if (!preset.environmentKeys && (key.secret !== null || key.isInvalid)) {
    const at = [
      ...path,
      context.values.environments?.[Number(path[1])]?.environment_key_file === undefined
        ? 'environment_key'
        : 'environment_key_file',
    ];
    report.problem(
      at,
      `provider ${preset.provider} has no environment keys`,
      `remove it; api_key of connection ${config.name} reads everything`,
      'key',
    );
    return;
  }
  // With an invalid key, what could be read is unknown; that problem has been reported.
  if (key.isInvalid || connection.isApiKeyInvalid) return;
  const keys = new Set<CredentialKind>();
  if (key.secret !== null) keys.add('environment_key');
  if (config.apiKey !== null) keys.add('api_key');
  const missing = unreadable(preset, keys);
  const [first] = missing;
  if (first === undefined) return;
  const id = context.values.environments?.[Number(path[1])]?.id ?? 'this environment';
  const ways = preset.credentials[first].map((kind) =>
    context.source.file === null ? VARIABLES[kind] : optionFor(kind, connection),
  );
  const remedy = `set ${ways.join(' or ')}`;
  if (missing.length === OPERATIONS.length) {
    report.problem([...path, 'id'], `nothing can be read for ${id}: there is no key for it`, remedy);
    return;
  }
  report.noticeAbout(
    id,
    [...path, 'id'],
    `${missing.join(', ')} of {} cannot be read with the configured keys`,
    remedy,
  );
}

const VARIABLES: Readonly<Record<CredentialKind, string>> = {
  api_key: 'ANTHROPIC_API_KEY',
  environment_key: 'ANTHROPIC_ENVIRONMENT_KEY',
};

function optionFor(kind: CredentialKind, { config, preset }: ResolvedConnection): string {
  if (kind === 'api_key') return `api_key_file of connection ${config.name}`;
  return `environment_key_file${preset.keysFromConsole ? ' (Console → Environments → Environment keys)' : ''}`;
}

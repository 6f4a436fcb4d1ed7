import type { Operation } from '../../domain/environment.ts';
import type { CredentialKind } from '../../domain/failure.ts';
import { isRunning } from '../../domain/work.ts';
import type { EnvironmentState, ItemsSnapshot } from '../../state/environment-state.ts';
import { declaredNotSelfHostedFailure, isDeclaredNotSelfHosted } from '../../state/self-hosted.ts';
import type { ProviderPreset } from '../../wire/presets.ts';

const UNTRIED = {
  credential: null,
  credential_source: null,
  http_status: null,
  request_id: null,
  duration_seconds: null,
} as const;

/** What `check --live` says of an operation that was not tried. */
export function untriedOutcome(
  state: EnvironmentState,
  operation: Operation,
  { preset, hasFile }: { readonly preset: ProviderPreset; readonly hasFile: boolean },
) {
  const { environment } = state;
  // Do not tell anybody to create a key for something without a queue.
  if (isDeclaredNotSelfHosted(state)) {
    const { message, remedy } = declaredNotSelfHostedFailure(state);
    return { ...UNTRIED, verdict: 'not_self_hosted' as const, detail: message, remedy };
  }
  const { id, connection, source } = state.environment;
  if ((state.archivedAt ?? null) !== null) {
    const remedy = source === 'discovery' ? null : `Take ${id} out of the configuration: it gets no new work.`;
    return { ...UNTRIED, verdict: 'archived' as const, detail: 'the environment is archived', remedy };
  }
  const wanted: readonly CredentialKind[] = preset.credentials[operation];
  const ofDiscovered = hasFile
    ? `put it into a file named ${id} in discovery.environment_keys_dir`
    : `save it as ${id} in a directory that a configuration file names as discovery.environment_keys_dir`;
  const ofConfigured = hasFile
    ? `set environment_key_file of ${id}`
    : 'set ANTHROPIC_ENVIRONMENT_KEY (for several ids: as many keys, in the same order)';
  const whereTo = source === 'discovery' ? ofDiscovered : ofConfigured;
  const made = preset.keysFromConsole
    ? `Console → Environments → ${environment.name} → Environment keys → Create`
    : `Create an environment key of ${environment.name} where the service makes keys`;
  const remedy = wanted.includes('environment_key')
    ? `${made}, then ${whereTo}.`
    : `Set ${hasFile ? `api_key_file of connection ${connection}` : 'ANTHROPIC_API_KEY'}.`;
  const detail = `no ${wanted.join(' or ').replaceAll('_', ' ')} is configured`;
  return { ...UNTRIED, verdict: 'not_attempted' as const, detail, remedy };
}

/** What a good read showed, so that a person can recognize the environment. */
export function readSummary({ queue, items }: Pick<EnvironmentState, 'queue' | 'items'>, operation: Operation): string {
  if (operation === 'list') return items === null ? '' : itemsText(items);
  if (queue === null) return '';
  const { depth, pending, workersPolling } = queue.stats;
  return `depth ${depth}, pending ${pending}, workers polling ${workersPolling ?? 'unknown'}`;
}

/** Distinguishes waiting items from those that a worker holds. */
function itemsText({ live }: ItemsSnapshot): string {
  const states = live.map(({ item }) => item.state);
  const queued = states.filter((state) => state === 'queued').length;
  const running = states.filter(isRunning).length;
  const others = states.length - queued - running;
  return `${queued} queued, ${running} running${others === 0 ? '' : `, ${others} in an unknown state`}`;
}

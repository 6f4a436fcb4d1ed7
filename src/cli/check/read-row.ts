import { FROM_VARIABLES } from '../../config/file/environment-source.ts';
import type { Operation } from '../../domain/environment.ts';
import { CREDENTIAL_NAMES } from '../../domain/failure.ts';
import type { EnvironmentState, OperationState } from '../../state/environment-state.ts';
import { PRESETS } from '../../wire/presets.ts';
import { readSummary, untriedOutcome } from './live-outcome.ts';
import type { LiveRow } from './live-row.ts';
import { type CheckedApp, type CredentialPlace, credentialOf, outcome } from './row-outcome.ts';

/** The row of one operation of one environment. */
export function readRow(checked: CheckedApp, state: EnvironmentState, name: Operation): LiveRow {
  const { environment } = state;
  const operation = state.operations[name];
  const which = {
    environment_id: environment.id,
    environment_name: environment.name,
    connection: environment.connection,
    operation: name,
  };
  if (!operation.attempted || operation.lastAttemptAt === null) {
    const { provider } = checked.config.connections.find(
      ({ name: connection }) => connection === environment.connection,
    )!;
    return {
      ...which,
      ...untriedOutcome(state, name, { preset: PRESETS[provider], hasFile: checked.config.origin !== FROM_VARIABLES }),
    };
  }
  const isArchived = (state.archivedAt ?? null) !== null;
  const { connection, id: environmentId } = environment;
  const where = { connection, kind: operation.credential, environmentId };
  return {
    ...which,
    ...credentialOf(checked, where),
    ...outcome(operation.failure),
    http_status: operation.failure === null ? 200 : operation.failure.httpStatus,
    ...(operation.failure === null && isDoubtful(state) ? { remedy: DOUBT } : {}),
    ...(operation.failure === null && wasRefusedFirst(operation) ? { remedy: refusedFirst(checked, where) } : {}),
    duration_seconds: operation.lastDurationSeconds,
    detail: operation.failure?.message ?? `${isArchived ? 'archived; ' : ''}${readSummary(state, name)}`,
  };
}

/**
 * Whether a cloud environment would look exactly the same:
 * docs/design/work-api.md#environments-that-are-not-self-hosted.
 */
function isDoubtful({ queue, operations, configType = null }: EnvironmentState): boolean {
  return configType === null && !operations.list.attempted && queue?.stats.workersPolling === null;
}

/** The read succeeded with the second key, after the first was refused. */
function wasRefusedFirst({ failuresByReason }: OperationState): boolean {
  return failuresByReason.unauthorized + failuresByReason.forbidden > 0;
}

/** Names the other key than the one that was accepted. */
function refusedFirst(checked: CheckedApp, accepted: CredentialPlace): string {
  const kind = accepted.kind === 'api_key' ? 'environment_key' : 'api_key';
  const { credential_source: source } = credentialOf(checked, { ...accepted, kind });
  return `The API refuses the ${CREDENTIAL_NAMES[kind]} from ${source}, and another key is used instead: replace it, or take it out.`;
}

const DOUBT =
  'A cloud environment, which has no work queue, answers like this too: discovery.enabled or an environment key tells them apart.';

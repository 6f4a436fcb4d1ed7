import { RATE_LIMITED_REMEDY } from '../../domain/rate-limited.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { jsonTime } from '../api/json-values.ts';
import type { AttentionIssue } from './attention-issue.ts';

/** What keeps an environment from being read although no read of it has failed. */
export function connectionIssues(state: EnvironmentState): AttentionIssue[] {
  const { environment, operations, pausedUntil = null } = state;
  if (!operations.stats.attempted && !operations.list.attempted) {
    const text = 'no key: nothing is read of this environment';
    return [{ severity: 'warning', text, remedy: keyRemedy(environment), alert: null }];
  }
  if (pausedUntil === null) return [];
  const text = `nothing is read until ${jsonTime(pausedUntil)}: the API answered 429 to its connection`;
  return [{ severity: 'warning', text, remedy: RATE_LIMITED_REMEDY, alert: null }];
}

/** Discovery itself has an API key, so what a discovered environment lacks is a key of its own. */
function keyRemedy({ id, source, connection }: EnvironmentState['environment']): string {
  return source === 'discovery'
    ? `Put its environment key into a file named ${id} in discovery.environment_keys_dir, or leave it out with discovery.exclude.`
    : `Set environment_key_file of ${id}, or api_key_file of connection ${connection}.`;
}

import type { AlertName } from './alert-names.ts';
import { pagedWithin } from './held-pages.ts';
import { ENVIRONMENT, or, type Queries } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

/** Pages that name the reason why work of an environment waits. */
export const CAUSE_PAGES: readonly AlertName[] = [
  'AnthropicWorkNoWorkers',
  'AnthropicWorkApiAuthFailing',
  'AnthropicWorkLeasesLapsing',
];

/** Pages that explain why the environments of a connection cannot be read. */
export const UNREAD_CONNECTION_PAGES: readonly AlertName[] = [
  'AnthropicWorkCredentialRejected',
  'AnthropicWorkApiUnreachable',
  'AnthropicWorkApiRateLimited',
];

/** Pages about one environment that cannot be read. */
export const UNREAD_ENVIRONMENT_PAGES: readonly AlertName[] = [
  'AnthropicWorkApiAuthFailing',
  'AnthropicWorkEnvironmentNotVisible',
];

/** Pages that say that environments of a connection cannot be read. */
export const UNREAD_PAGES: readonly AlertName[] = [...UNREAD_CONNECTION_PAGES, ...UNREAD_ENVIRONMENT_PAGES];

/**
 * Consequences of a cause stay silent for 20 minutes after its page: returning workers find old items, spent budgets
 * and lapsed leases, and none of that is news. Alertmanager can mute only while the cause still fires. Recorded below
 * the last page that names a cause, and above what it silences.
 */
export function causePagedSeries(q: Queries): Rule {
  // What is read again is up to date, apart from the first read, so this silence can be shorter.
  const notVisible = pagedWithin(q, ['AnthropicWorkEnvironmentNotVisible'], '5m');
  return { record: RECORDED.causePaged, expr: or(pagedWithin(q, CAUSE_PAGES, '20m'), notVisible) };
}

/** Excludes environments of which a page named the cause within the last 20 minutes. */
export function unlessCausePaged(q: Queries, expr: string): string {
  return `(${expr})\nunless on (${ENVIRONMENT}) ${q.recorded(RECORDED.causePaged)}`;
}

import { itemBytes } from '../domain/item-bytes.ts';
import { type IdleEvent, isLive, type QueueStats, type SessionFacts, type WorkItem } from '../domain/work.ts';
import { withHeartbeat } from '../wire/item-with-heartbeat.ts';
import { IDLE_EVENT, parseEnvironmentsPage, parseIdleEvent, parseSession } from '../wire/other-answers.ts';
import type { ProviderPreset } from '../wire/presets.ts';
import type { Drift } from '../wire/read.ts';
import {
  cursorParameter,
  HEARTBEAT_FIELD,
  holdsSecret,
  type KnownWorkPage,
  parseSingleItem,
  parseStats,
  parseWorkPage,
  type RowMemory,
} from '../wire/work.ts';
import { listRequestNames } from './answers/list-request-names.ts';
import type { Call } from './call.ts';
import { buildPath } from './path.ts';
import type {
  EnvironmentsPage,
  EnvironmentsRequest,
  ItemOptions,
  ListOptions,
  PageRequest,
  WorkPage,
} from './work-api.ts';

export interface WorkCallsOptions {
  readonly preset: ProviderPreset;
  /** Precedes every path: the path of the base URL and the preset's prefix. */
  readonly pathPrefix: string;
  /** Receives what is unknown to this version in an answer. */
  readonly drift: Drift;
}

/** The request and the parser of each read of the Work API. Nothing is sent here. */
export interface WorkCalls {
  stats(environmentId: string): Call<QueueStats>;
  listPage(environmentId: string, page: PageRequest, options: ListOptions): Call<WorkPage>;
  retrieve(environmentId: string, workId: string, options: ItemOptions): Call<WorkItem>;
  listEnvironments(page: EnvironmentsRequest): Call<EnvironmentsPage>;
  session(environmentId: string, sessionId: string): Call<SessionFacts>;
  lastIdleEvent(environmentId: string, sessionId: string): Call<IdleEvent | null>;
}

const HEARTBEAT = {
  key: HEARTBEAT_FIELD,
  withText: withHeartbeat,
  isSettled: ({ state }: WorkItem) => !isLive(state),
};

/** The calls of one connection. */
export function workCalls({ preset, pathPrefix, drift }: WorkCallsOptions): WorkCalls {
  const { paging } = preset;
  const requestNameOf = listRequestNames(preset.provider);

  return {
    stats: (environmentId) => ({
      operation: 'stats',
      environmentId,
      path: () => buildPath(pathPrefix, 'stats', { environment: environmentId }),
      parse: (body) => parseStats(body, drift),
    }),
    listPage(environmentId, page, { memory, metadataKeys }) {
      const context = { paging, drift, environmentId, metadataKeys };
      const query = queryOf(page, paging);
      const reading = {
        changing: HEARTBEAT,
        bytesOf: itemBytes,
        page: (json: unknown, rows: KnownWorkPage | RowMemory) => parseWorkPage(json, context, rows),
        reported: () => drift.reported,
        mayKeep: (row: unknown) => !holdsSecret(row),
      };
      return {
        operation: 'list',
        environmentId,
        byCursor: page.page !== null,
        path: () => buildPath(pathPrefix, 'list', { environment: environmentId }) + query,
        parse: (body) => parseWorkPage(body, context),
        recall: (body, whole) =>
          memory === undefined
            ? whole()
            : memory.pageOf(requestNameOf(query, metadataKeys), body, { ...reading, whole }),
      };
    },
    retrieve: (environmentId, workId, { metadataKeys }) => ({
      operation: 'retrieve',
      environmentId,
      path: () => buildPath(pathPrefix, 'retrieve', { environment: environmentId, work: workId }),
      parse: (body) => parseSingleItem(body, { drift, environmentId, ...(metadataKeys && { metadataKeys }) }),
    }),
    listEnvironments: (page) => ({
      operation: 'environments',
      environmentId: null,
      byCursor: page.page !== null,
      path: () => buildPath(pathPrefix, 'environments') + queryOf(page, paging),
      parse: (body) => parseEnvironmentsPage(body, paging, drift),
    }),
    session: (environmentId, sessionId) => ({
      operation: 'session',
      environmentId,
      path: () => buildPath(pathPrefix, 'session', { session: sessionId }),
      parse: parseSession,
    }),
    lastIdleEvent: (environmentId, sessionId) => ({
      operation: 'session',
      environmentId,
      path: () =>
        `${buildPath(pathPrefix, 'sessionEvents', { session: sessionId })}?types=${IDLE_EVENT}&order=desc&limit=1`,
      parse: parseIdleEvent,
    }),
  };
}

function queryOf(page: PageRequest | EnvironmentsRequest, paging: ProviderPreset['paging']): string {
  const includeArchived = 'includeArchived' in page && page.includeArchived;
  // Nearly every list is asked for its first page.
  if (page.page === null && !includeArchived) return `?limit=${page.limit}`;
  const parameters = new URLSearchParams({ limit: String(page.limit) });
  if (includeArchived) parameters.set('include_archived', 'true');
  if (page.page !== null) parameters.set(...cursorParameter(page.page, paging));
  return `?${parameters}`;
}

import { archivedRejection, Rejection } from '../queue/rejection.ts';
import { encodeCursor, type ListPageRequest } from '../queue/work-list.ts';
import type { WorkQueue } from '../queue/work-queue.ts';
import { plainCursor } from './answer.ts';
import { type ApiCall, queryInteger, queryText, workEnvironmentOf } from './api-call.ts';
import { pageJson, workJson } from './wire-format.ts';

const DEFAULT_LIMIT = 20;
const LARGEST = Number.MAX_SAFE_INTEGER;

/** `GET …/work`: one page of the items of an environment, stopped ones included. */
export function listWork(call: ApiCall): unknown {
  const environment = workEnvironmentOf(call);
  const { queue, id } = environment;
  if (environment.configType === 'cloud') {
    if (environment.archivedAt !== null) throw archivedRejection(id);
    throw new Rejection(
      404,
      `Environment \`${id}\` not found, or does not support work listing. The work API is only available for self-hosted environments.`,
    );
  }
  const { maxPageSize, overLimit, paging } = queue.switches;
  const asked = queryInteger(call, 'limit', [1, overLimit === 'cap' ? LARGEST : maxPageSize]) ?? DEFAULT_LIMIT;
  const page = paging === 'cursor' ? { page: plainCursor(queryText(call, 'page')) } : whereById(call, queue);
  const shown = queue.list(call.now, { limit: Math.min(asked, maxPageSize), ...page });
  const stamp = queue.stamp(call.now);
  return pageJson(
    shown.items.map((work) => workJson(work, environment, stamp)),
    shown,
    queue,
  );
}

/** Where a page begins, on services that accept ids of items as well as cursors. @throws Rejection 400 or 404 */
function whereById(call: ApiCall, queue: WorkQueue): Pick<ListPageRequest, 'page' | 'before'> {
  const [afterId, beforeId] = [queryText(call, 'after_id'), queryText(call, 'before_id')];
  if (afterId !== null && beforeId !== null) throw new Rejection(400, 'after_id, before_id: Only one is allowed');
  if (beforeId !== null) return { page: null, before: queue.find(beforeId) };
  if (afterId !== null) return { page: encodeCursor(queue.find(afterId).seq, queue.switches.listOrder) };
  return { page: plainCursor(queryText(call, 'page')) };
}

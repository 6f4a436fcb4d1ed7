import type { Endpoint, Fault } from '../../../src/simulator/faults.ts';

/** What a fault is, as the simulator takes it. */
type FaultSpec = Fault extends infer One
  ? One extends Fault
    ? Omit<One, 'endpoints' | 'environments' | 'probability' | 'count'>
    : never
  : never;

/** Every fault that the simulator knows, in the variants that differ for a client. */
export const FAULTS: readonly (readonly [name: string, fault: FaultSpec])[] = [
  ['answer after 2 s', { kind: 'latency', seconds: 2 }],
  ['no answer', { kind: 'hang' }],
  ['connection cut before the answer', { kind: 'reset' }],
  ['connection cut in the body', { kind: 'truncate' }],
  ['200 with HTML', { kind: 'garbage' }],
  ['400', { kind: 'status', status: 400 }],
  ['401', { kind: 'status', status: 401 }],
  ['401, key revoked', { kind: 'revoked' }],
  ['403', { kind: 'status', status: 403 }],
  ['403 with HTML', { kind: 'garbage', status: 403 }],
  ['404', { kind: 'status', status: 404 }],
  ['404 with HTML', { kind: 'garbage', status: 404 }],
  ['408', { kind: 'status', status: 408 }],
  ['429', { kind: 'status', status: 429 }],
  ['429, retry-after 5 s', { kind: 'status', status: 429, retryAfterSeconds: 5 }],
  ['429, retry-after 12 h', { kind: 'status', status: 429, retryAfterSeconds: 43_200 }],
  ['500', { kind: 'status', status: 500 }],
  ['503, x-should-retry: false', { kind: 'status', status: 503, shouldRetry: false }],
  ['503, retry-after 12 h', { kind: 'status', status: 503, retryAfterSeconds: 43_200 }],
  ['529', { kind: 'status', status: 529 }],
  ['empty pages without end', { kind: 'empty_page' }],
  ['a cursor that comes back', { kind: 'repeat_cursor' }],
  ['has_more without a cursor', { kind: 'more_without_cursor' }],
  ['a Date that is 1 h ahead', { kind: 'date_skew', seconds: 3600 }],
  ['no oldest_queued_at while work waits', { kind: 'no_oldest' }],
  ['an answer of a cache, 1 h old', { kind: 'cached', ageSeconds: 3600 }],
  ['an answer of 5 MiB', { kind: 'oversized', bytes: 5 * 1024 * 1024 }],
  ['100 Continue before the answer', { kind: 'interim' }],
];

/** Reads that a fault can hit, and whom: one of the two environments of a connection, or both. */
const HIT = [
  ['stats', 'one'],
  ['stats', 'all'],
  ['list', 'one'],
  ['list', 'all'],
  // The list of environments belongs to no environment, so there a fault always hits all; so does one of single items, which hits no other read.
  ['retrieve', 'all'],
  ['environments', 'all'],
] as const satisfies readonly (readonly [Endpoint, 'one' | 'all'])[];

export interface MatrixCase {
  readonly name: string;
  readonly fault: FaultSpec;
  readonly operation: (typeof HIT)[number][0];
  readonly scope: 'one' | 'all';
}

export const CASES: readonly MatrixCase[] = FAULTS.flatMap(([name, fault]) =>
  HIT.map(([operation, scope]) => ({ name, fault, operation, scope })),
);

export function isRateLimit({ fault }: MatrixCase): boolean {
  return fault.kind === 'status' && fault.status === 429;
}

/** Whether chance decides which read is answered with 429 first, and so which ones only wait. */
export function isByChance(one: MatrixCase): boolean {
  return isRateLimit(one) && (one.operation === 'retrieve' || one.scope === 'all') && one.operation !== 'environments';
}

/** Whether some answers have another `Date` than the rest: chance decides of which there are more, and with it every age. */
export function changesClock({ fault }: MatrixCase): boolean {
  return fault.kind === 'date_skew';
}

/** Whether lists without end use up the budget: chance decides which read gets the last of it, and when a read notices. */
export function usesUpBudget({ fault, operation }: MatrixCase): boolean {
  return fault.kind === 'empty_page' && operation === 'list';
}

import type { ApiOperation } from '../domain/environment.ts';

const KIB = 1024;

/**
 * The most bytes of an answer, by what it answers; `max_response_bytes` limits them all:
 * docs/design/answers.md#answers-that-are-too-large.
 */
const MOST: Readonly<Partial<Record<ApiOperation, number>>> = {
  stats: 64 * KIB,
  retrieve: 1024 * KIB,
  // Includes the instructions and tools of its agent, which may be long.
  session: 1024 * KIB,
};

export function mostBytesOf(operation: ApiOperation): number {
  return MOST[operation] ?? Number.POSITIVE_INFINITY;
}

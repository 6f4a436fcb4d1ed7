import type { ApiOperation } from '../../domain/environment.ts';

const WORDS: Readonly<Record<ApiOperation, string>> = {
  stats: 'the stats',
  list: 'the list of work',
  retrieve: 'one work item',
  environments: 'the list of environments',
  session: 'one session',
};

/** What was tried, in words, to begin a message: `Reading the stats of env_1`. */
export function describeRequest(request: { operation: ApiOperation; environmentId: string | null }): string {
  const what = WORDS[request.operation];
  return request.environmentId === null ? `Reading ${what}` : `Reading ${what} of ${request.environmentId}`;
}

import { expect, it } from 'vitest';
import { checkText } from '../../../src/cli/check/check-text.ts';
import type { LiveRow } from '../../../src/cli/check/live-row.ts';

const ROW: LiveRow = {
  environment_id: 'env_a',
  environment_name: 'prod',
  connection: 'default',
  operation: 'stats',
  credential: 'api_key',
  credential_source: null,
  verdict: 'bad_response',
  http_status: 403,
  request_id: null,
  duration_seconds: 0.1,
  detail: 'an HTML page',
  remedy: 'Let it pass.',
};

/** The lines after "To do". */
function toDo(rows: readonly Partial<LiveRow>[]): readonly string[] {
  const live = rows.map((row) => ({ ...ROW, ...row }));
  const result = { schema: 1, ok: false, exit_code: 1, problems: [], notices: [], shard: '0/1', watched: [] } as const;
  const text = checkText({ ...result, configured_elsewhere: 0, live, cost: [], clock_skew_seconds: null }, true);
  return text.trimEnd().split('\nTo do:\n')[1]!.split('\n');
}

/** Environments `e1` and so on. */
const many = (count: number) => Array.from({ length: count }, (_, index) => ({ environment_name: `e${index + 1}` }));

it.each([
  ['two reads of one environment', [{}, { operation: 'list' }], ['- prod stats, prod list: Let it pass.']],
  [
    'a discovery, called as in the table',
    [{ environment_id: null, environment_name: null, operation: 'environments' }],
    ['- (default) environments: Let it pass.'],
  ],
  ['two remedies', [{}, { operation: 'list', remedy: 'Wait.' }], ['- prod stats: Let it pass.', '- prod list: Wait.']],
  ['as many as are named', many(20), [expect.stringMatching(/^- e1 stats, .*, e20 stats: Let it pass\.$/)]],
  ['one more', many(21), [expect.stringMatching(/^- e1 stats, .*, e20 stats, 1 more: Let it pass\.$/)]],
  ['a fleet', many(500), [expect.stringMatching(/, e20 stats, 480 more: Let it pass\.$/)]],
] satisfies [string, Partial<LiveRow>[], unknown[]][])('to do: %s', (_what, rows, lines) => {
  expect(toDo(rows)).toEqual(lines);
});

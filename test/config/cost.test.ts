import { describe, expect, it } from 'vitest';
import { costPerMinute } from '../../src/config/config.ts';
import { configOf, problemsOf } from './support.ts';

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => `  - {id: e${index}, environment_key: k}`).join('\n');

describe('cost', () => {
  it('is stats and one page of the list at the configured intervals, and discovery', async () => {
    const config = await configOf(`
connections: {default: {api_key: k}, keyed: {}}
discovery: {enabled: true, interval: 30s}
environments:
  - {id: a, environment_key: k, poll: {stats_interval: 10s, list_interval: 20s, max_stats_interval: 20s, max_list_interval: 1m}}
  - {id: b}
  - {id: c, connection: keyed, environment_key: k}
`);
    expect(costPerMinute(config)).toEqual([
      // a: 6 + 3, b: 4 and no list, discovery: 2; stretched 3 + 1, 1, 2.
      {
        connection: 'default',
        requestsPerMinute: 15,
        leastRequestsPerMinute: 7,
        eachDiscovered: 6,
        budget: 240,
        capacity: 216,
      },
      {
        connection: 'keyed',
        requestsPerMinute: 6,
        leastRequestsPerMinute: 1.2,
        eachDiscovered: null,
        budget: 240,
        capacity: 216,
      },
    ]);
  });

  it('may exceed the budget as long as stretching helps', async () => {
    // 20 environments: 120 a minute wished, 24 stretched.
    const yaml = (rpm: number) => `api: {requests_per_minute: ${rpm}}\nenvironments:\n${many(20)}`;
    expect(await problemsOf(yaml(27))).toEqual([]);
    expect(await problemsOf(yaml(26))).toEqual([
      '1:28: api.requests_per_minute: 24 requests a minute are needed even at the maximum intervals, and 23 of 26 may be scheduled; set requests_per_minute to at least 27, or longer poll.max_stats_interval and poll.max_list_interval',
    ]);
  });
});

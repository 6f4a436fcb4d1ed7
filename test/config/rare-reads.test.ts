import { describe, expect, it } from 'vitest';
import { MINIMAL, noticesOf, problemsOf } from './support.ts';

const said = (pace: string, limit: string) =>
  `stats_interval is ${pace}, longer than work may wait by queue_age, ${limit}: what waits at a read seems to wait until the next; read more often, or raise thresholds.queue_age`;
const environment = (settings: string) =>
  `api: {api_key: k}\nenvironments: [{id: env_1, environment_key: e, ${settings}}]\n`;

describe('reads that are rarer than work may wait', () => {
  it.each([
    ['poll: {stats_interval: 1h}', 'poll.stats_interval', said('1h', '5m')],
    ['poll: {stats_interval: 5m1s}', 'poll.stats_interval', said('5m1s', '5m')],
    ['thresholds: {queue_age: {warning: 10s}}', 'thresholds.queue_age.warning', said('15s', '10s')],
    [
      'thresholds: {queue_age: {warning: never, critical: 10s}}\npoll: {stats_interval: 1m}',
      'poll.stats_interval',
      said('1m', '10s'),
    ],
  ])('are told by a notice: %s', async (settings, place, words) => {
    expect(await noticesOf(`${MINIMAL}${settings}`)).toEqual([expect.stringMatching(/^[^ ]+: /)]);
    expect((await noticesOf(`${MINIMAL}${settings}`))[0]).toContain(`${place}: ${words}`);
  });

  it('are told where an environment has its own', async () => {
    expect(
      await noticesOf(`${environment('poll: {stats_interval: 6m}')}thresholds: {queue_age: {warning: 5m}}`),
    ).toEqual([expect.stringContaining(`environments[0].poll.stats_interval: ${said('6m', '5m')}`)]);
    const own = 'thresholds: {queue_age: {critical: 20s, warning: never}}';
    expect(await noticesOf(`${environment(own)}poll: {stats_interval: 30s}`)).toEqual([
      expect.stringContaining(`environments[0].thresholds.queue_age.warning: ${said('30s', '20s')}`),
    ]);
  });

  it.each([
    'poll: {stats_interval: 5m}',
    'poll: {stats_interval: 1h}\nthresholds: {queue_age: {warning: 1h, critical: 2h}}',
    'poll: {stats_interval: 1h}\nthresholds: {queue_age: {warning: never, critical: never}}',
    'poll: {list_interval: 1h}',
  ])('are none: %s', async (settings) => expect(await noticesOf(`${MINIMAL}${settings}`)).toEqual([]));

  it('are not told beside a value that is wrong', async () => {
    expect(await problemsOf(`${MINIMAL}poll: {stats_interval: 1h}\nthresholds: {queue_age: {warning: soon}}`)).toEqual([
      expect.stringContaining('thresholds.queue_age.warning: must be a duration'),
    ]);
  });
});

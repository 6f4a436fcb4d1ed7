import { describe, expect, it } from 'vitest';
import type { Thresholds } from '../../src/domain/environment.ts';
import { configOf, MINIMAL } from './support.ts';

const INFINITE = Number.POSITIVE_INFINITY;

describe('values of a file', () => {
  it.each([
    ['{}', 300, 100],
    ['{queue_age: {warning: 2h, critical: never}}', 7200, 2400],
    ['{queue_age: {warning: 1m}}', 300, 100],
    ['{queue_age: {warning: never, critical: 15m}}', INFINITE, 300],
    ['{queue_age: {warning: never, critical: never}}', INFINITE, 100],
    ['{queue_age: {warning: 2h, critical: never}, queue_depth: {warning: 7}}', 7200, 7],
    ['{queue_depth: {critical: 60}}', 300, 60],
    ['{queue_depth: {warning: never, critical: 500}}', 300, INFINITE],
  ])(
    'promises a wait that fits the thresholds %s, and lets as much work wait',
    async (thresholds, seconds, warning) => {
      const { environments } = await configOf(
        `api: {api_key: k}\nenvironments: [{id: env_1, environment_key: e, thresholds: ${thresholds}}]`,
      );
      expect(environments[0]!.environment.slo.queueWaitTargetSeconds).toBe(seconds);
      expect(environments[0]!.environment.thresholds.queueDepth.warning).toBe(warning);
    },
  );

  it('overrides leaf by leaf: environment, then file, then default', async () => {
    const config = await configOf(`
api: {api_key: k}
poll: {stats_interval: 20s}
thresholds: {queue_age: {warning: 4m}, queue_depth: {warning: 7}}
environments:
  - id: env_1
    environment_key: e
    poll: {list_interval: 40s}
    thresholds: {queue_age: {critical: never}}
    exemplars: true
  - {id: env_2, environment_key: e}
`);
    const [first, second] = config.environments.map(({ environment }) => environment);
    expect(first!.poll).toMatchObject({ statsIntervalMs: 20_000, listIntervalMs: 40_000 });
    expect(first!.thresholds.queueAgeSeconds).toEqual({ warning: 240, critical: INFINITE });
    expect(first!.thresholds.queueDepth.warning).toBe(7);
    expect(first!.exemplars).toBe(true);
    expect(second!.poll.listIntervalMs).toBe(30_000);
    expect(second!.thresholds.queueAgeSeconds).toEqual({ warning: 240, critical: 900 });
    expect(config.discovery.defaultsByConnection.default!.poll.statsIntervalMs).toBe(20_000);
  });

  it.each<[threshold: string, limitOf: (thresholds: Thresholds) => number]>([
    ['queue_age: {warning: .inf, critical: never}', ({ queueAgeSeconds }) => queueAgeSeconds.warning],
    ['queue_depth: {warning: .inf}', ({ queueDepth }) => queueDepth.warning],
    ['stale_heartbeat: never', ({ staleHeartbeatSeconds }) => staleHeartbeatSeconds],
    ['state_age: {active: never}', ({ stateAgeSeconds }) => stateAgeSeconds.active],
    ['session_wait: never', ({ sessionWaitSeconds }) => sessionWaitSeconds],
    ['cold_start: never', ({ coldStartSeconds }) => coldStartSeconds],
    ['redeliveries: never', ({ redeliveries }) => redeliveries],
  ])('takes a threshold that is off: %s', async (threshold, limitOf) => {
    const config = await configOf(`${MINIMAL}thresholds: {${threshold}}`);
    expect(limitOf(config.environments[0]!.environment.thresholds)).toBe(INFINITE);
  });

  it('lets a default maximum give way to a longer interval', async () => {
    const config = await configOf(`${MINIMAL}poll: {stats_interval: 2m, list_interval: 10m}`);
    expect(config.environments[0]!.environment.poll).toMatchObject({
      maxStatsIntervalMs: 120_000,
      maxListIntervalMs: 600_000,
      fullListIntervalMs: 600_000,
    });
  });

  it.each([
    ['":9877"', '0.0.0.0', 9877],
    ['"[::1]:9877"', '::1', 9877],
    ['localhost:0', 'localhost', 0],
  ])('listens on %s', async (listen, host, port) => {
    expect((await configOf(`${MINIMAL}server: {listen: ${listen}}`)).server).toMatchObject({ host, port });
  });
});

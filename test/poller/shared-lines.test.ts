import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import { type EnvironmentChange, SharedLines } from '../../src/poller/shared-lines.ts';
import { ManualClock } from '../support/manual-clock.ts';

type Line = LogEvent & { readonly level: string; readonly message: string };

function rig() {
  const all: Line[] = [];
  const log = (level: string) => (line: LogEvent, message: string) => void all.push({ level, message, ...line });
  const clock = new ManualClock();
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  const shared = new SharedLines(logger, clock);
  const told = () => all.filter(({ level }) => level !== 'debug');
  return { shared, clock, all, told, summaries: () => told().filter(({ event }) => event.startsWith('environments.')) };
}

const SINCE = '2026-11-24T12:00:00.000Z';

function failing(n: number, change: Partial<EnvironmentChange> = {}, fields: object = {}): EnvironmentChange {
  const environmentId = `env_${n}`;
  const line = {
    event: 'environment.failing',
    environment_id: environmentId,
    since: SINCE,
    remedy: 'do this',
    ...fields,
  };
  return {
    kind: 'failing',
    connection: 'default',
    environmentId,
    operation: 'stats',
    reason: 'timeout',
    line,
    message: 'one',
    ...change,
  };
}

function recovered(n: number, seconds: number): EnvironmentChange {
  const line = { event: 'environment.recovered', environment_id: `env_${n}`, outage_seconds: seconds };
  return failing(n, { kind: 'recovered', line });
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const ids = (from: number, to: number) => numbers(from, to).map((n) => `env_${n}`);

describe('an outage of many environments', () => {
  it('has ten lines at once, and one for all others after half a minute', async () => {
    const { shared, clock, told } = rig();
    for (const n of numbers(1, 60)) shared.add(failing(n));
    expect(told().map(({ environment_id }) => environment_id)).toEqual(ids(1, 10));
    await clock.advance(30_000);
    expect(told().slice(10)).toEqual([
      {
        level: 'warn',
        message: 'environments cannot be read',
        event: 'environments.failing',
        connection: 'default',
        reason: 'timeout',
        environments: 50,
        operations: ['stats'],
        since: SINCE,
        remedy: 'do this',
        environment_ids: ids(11, 60),
      },
    ]);
  });

  it('says the first failure, and a remedy only where all have the same', async () => {
    const { shared, clock, summaries } = rig();
    for (const n of numbers(1, 12))
      shared.add(failing(n, {}, { since: `2026-11-24T12:00:${40 - n}.000Z`, remedy: `mend ${n}` }));
    await clock.advance(30_000);
    const [line] = summaries();
    expect(line).toMatchObject({ since: '2026-11-24T12:00:28.000Z' });
    expect(line).not.toHaveProperty('remedy');
  });
});

describe('nothing is lost', () => {
  it('what is held at the end of the process is told, and no timer stays', async () => {
    const { shared, clock, summaries } = rig();
    for (const n of numbers(1, 30)) shared.add(failing(n));
    shared.end();
    expect(summaries()).toMatchObject([{ environments: 20 }]);
    await clock.advance(120_000);
    expect(summaries()).toHaveLength(1);
  });

  it('whatever happens in whatever order, each change of each environment is told once, and in its order', async () => {
    const { shared, clock, told } = rig();
    const expected = new Map<string, string[]>();
    const draw = seededRandom(7);
    for (let step = 0; step < 4_000; step++) {
      const n = Math.floor(draw() * 80);
      const reason = (['timeout', 'network', 'unauthorized'] as const)[Math.floor(draw() * 3)]!;
      const change = draw() < 0.5 ? failing(n, { reason }) : { ...recovered(n, step), reason };
      expected.set(`env_${n}`, [...(expected.get(`env_${n}`) ?? []), `${change.kind}`]);
      shared.add(change);
      if (draw() < 0.02) await clock.advance(draw() * 45_000);
    }
    shared.end();
    const heard = new Map<string, string[]>();
    for (const line of told()) {
      const kind = line.event.replace(/^environments?\./, '');
      for (const id of [line.environment_id ?? line.environment_ids].flat() as string[])
        heard.set(id, [...(heard.get(id) ?? []), kind]);
    }
    expect(heard).toEqual(expected);
    expect(told().length).toBeLessThan(4_000);
  });
});

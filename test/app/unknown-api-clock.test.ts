import { describe, expect, it } from 'vitest';
import { json, startServer } from '../client/test-server.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { StillClock, TIMEOUT_MS } from '../support/still-clock.ts';
import { StillExporter } from '../support/still-exporter.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TOTALS = ['created', 'acknowledged', 'stopped', 'requeued', 'lapsed'];

/**
 * A list on a service whose answers have no date.
 * @param ended items at first: they ended one a minute, the last a minute ago
 */
async function undatedApi(clock: ManualClock, ended: number) {
  const startedAt = clock.now();
  const apiNow = () => startedAt + clock.monotonic();
  const iso = (at: number) => new Date(at).toISOString();
  const row = (id: string, createdAt: number) => ({
    id,
    type: 'work',
    environment_id: 'env_1',
    data: { type: 'session', id },
    state: 'stopped',
    metadata: {},
    created_at: iso(createdAt),
    started_at: iso(createdAt + 100),
    acknowledged_at: iso(createdAt + 1000),
    stopped_at: iso(createdAt + 2000),
  });
  const items = Array.from({ length: ended }, (_, n) => row(`sesn_old_${n}`, startedAt - (n + 1) * MINUTE));
  const server = await startServer(({ url = '' }, response) => {
    response.sendDate = false;
    if (url.includes('/stats')) return json(response, 200, { depth: 0, pending: 0, workers_polling: 1 });
    json(response, 200, { data: items, next_page: null });
  });
  const ends = (id: string) => void items.unshift(row(id, apiNow() - 2000));
  return Object.assign(server, { ends, [Symbol.asyncDispose]: () => server.close() });
}

/**
 * An exporter of one environment of this service, after its first reads.
 * @param wrongBy by how many milliseconds its clock is ahead when it starts
 * @param ended items that ended before the start
 */
async function undatedExporter({ wrongBy = 0, ended = 120 } = {}) {
  await using stack = new AsyncDisposableStack();
  const still = new StillClock();
  const api = stack.use(await undatedApi(still.clock, ended));
  still.clock.jumpWall(wrongBy);
  const exporter = await StillExporter.prepared(still, {
    api: { base_url: api.url, timeout: `${TIMEOUT_MS}ms` },
    environments: [{ id: 'env_1', environment_key: `sk-ant-oat01-${'b'.repeat(40)}` }],
    poll: { stats_interval: '5s', list_interval: '10s' },
  });
  stack.defer(() => exporter.stop());
  await exporter.start();
  /** Long enough for two reads of the list. */
  const readTwice = () => still.clock.advance(25_000);
  await readTwice();
  const value = async (name: string) => {
    const families = parseExposition(Buffer.concat(await exporter.render('prometheus')).toString(), 'prometheus');
    return families.find((family) => family.name === `anthropic_work_${name}`)?.samples[0]?.value;
  };
  const owned = stack.move();
  return {
    totals: () => Promise.all(TOTALS.map((name) => value(`items_${name}_total`))),
    skew: () => value('api_clock_skew_seconds'),
    ends: (id: string) => {
      api.ends(id);
      return readTwice();
    },
    setClock: (by: number) => {
      still.clock.jumpWall(by);
      return readTwice();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe('while no answer shows the clock of the API', () => {
  it.each([
    ['three hours behind', -3 * HOUR],
    ['a year behind', -365 * DAY],
    ['at the beginning of time, as of a machine without a battery', -Date.UTC(2026, 10, 24)],
  ])('an own clock that is %s at the start makes no earlier item count', async (_, wrongBy) => {
    await using exporter = await undatedExporter({ wrongBy });
    expect(await exporter.totals()).toEqual([0, 0, 0, 0, 0]);
    await exporter.ends('sesn_1');
    expect(await exporter.totals()).toEqual([1, 1, 1, 0, 0]);
    // It is set right.
    await exporter.setClock(-wrongBy);
    await exporter.ends('sesn_2');
    expect(await exporter.totals()).toEqual([2, 2, 2, 0, 0]);
  });

  it.each([
    ['90 seconds ahead', 90_000],
    ['three hours ahead', 3 * HOUR],
    ['a year ahead', 365 * DAY],
  ])('an own clock that is %s at the start hides no later item', async (_, wrongBy) => {
    await using exporter = await undatedExporter({ wrongBy });
    expect(await exporter.totals()).toEqual([0, 0, 0, 0, 0]);
    for (let n = 1; n <= 3; n++) {
      await exporter.ends(`sesn_${n}`);
      expect(await exporter.totals()).toEqual([n, n, n, 0, 0]);
    }
    // It is set right.
    await exporter.setClock(-wrongBy);
    await exporter.ends('sesn_4');
    expect(await exporter.totals()).toEqual([4, 4, 4, 0, 0]);
  });

  it('an empty list does not show that the own clock is ahead: the first item is not counted, the others are', async () => {
    await using exporter = await undatedExporter({ wrongBy: 3 * HOUR, ended: 0 });
    await exporter.ends('sesn_1');
    expect(await exporter.totals()).toEqual([0, 0, 0, 0, 0]);
    await exporter.ends('sesn_2');
    expect(await exporter.totals()).toEqual([1, 1, 1, 0, 0]);
  });

  it('an own clock that is set ahead hides no later item', async () => {
    await using exporter = await undatedExporter();
    await exporter.setClock(3 * HOUR);
    for (let n = 1; n <= 3; n++) {
      await exporter.ends(`sesn_${n}`);
      expect(await exporter.totals()).toEqual([n, n, n, 0, 0]);
    }
  });

  it.each([
    ['back by a day', [-DAY]],
    ['back, and right again', [-3 * HOUR, 3 * HOUR]],
    ['back twice', [-30 * MINUTE, -DAY]],
    ['ahead, and right again', [DAY, -DAY]],
  ])('an own clock that is set %s makes no item count twice', async (_, jumps) => {
    await using exporter = await undatedExporter();
    await exporter.ends('sesn_1');
    expect(await exporter.totals()).toEqual([1, 1, 1, 0, 0]);
    for (const jump of jumps) {
      await exporter.setClock(jump);
      expect(await exporter.totals()).toEqual([1, 1, 1, 0, 0]);
    }
    expect(await exporter.skew()).toBeUndefined();
    await exporter.ends('sesn_2');
    expect(await exporter.totals()).toEqual([2, 2, 2, 0, 0]);
  });
});

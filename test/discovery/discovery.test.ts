import { beforeEach, describe, expect, it } from 'vitest';
import type { LogFields, Logger } from '../../src/base/logger.ts';
import type { RemoteEnvironment } from '../../src/client/work-api.ts';
import { Discovery, SKIPPED_REMEDY } from '../../src/discovery/discovery.ts';
import { apiError } from '../support/api-errors.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { deferred, environmentsPage, ScriptedWorkApi } from '../support/scripted-work-api.ts';

const INTERVAL = 300_000;
const one: RemoteEnvironment = { id: 'env_1', name: 'prod', configType: 'self_hosted', archived: false };
const two: RemoteEnvironment = { ...one, id: 'env_2', name: 'batch' };

let clock: ManualClock;
let api: ScriptedWorkApi;
let found: string[][];
let tried: boolean[];
let events: LogFields[];
let broken: number;

function discovery(): Discovery {
  const log = (level: keyof Logger) => (fields: LogFields, message: string) =>
    events.push({ level, message, ...fields });
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  return new Discovery({
    connection: 'default',
    known: [],
    api,
    intervalMs: INTERVAL,
    pageSize: 1000,
    fallbackPageSize: 100,
    clock,
    random: () => 0.5,
    logger,
    found: ({ environments }) => found.push(environments.map(({ id }) => id)),
    tried: (failure) => tried.push(failure === null),
    chainBroken: () => broken++,
  });
}

beforeEach(() => {
  clock = new ManualClock();
  api = new ScriptedWorkApi();
  found = [];
  tried = [];
  events = [];
  broken = 0;
});

describe('Discovery', () => {
  it('reads all pages, empty ones included, at once and on the interval', async () => {
    const pages: Record<string, ReturnType<typeof environmentsPage>> = {
      first: environmentsPage([one], 'second'),
      second: environmentsPage([], 'third'),
      third: environmentsPage([two, one]),
    };
    api.onEnvironments = ({ page }) => pages[page ?? 'first']!;
    discovery().start();
    await clock.advance(INTERVAL - 1);
    expect(found).toEqual([['env_1', 'env_2']]);
    await clock.advance(1);
    expect(found).toHaveLength(2);
    expect(tried).toEqual([true, true]);
    expect(events).toEqual([]);
  });

  it('begins once, however often it is told to', async () => {
    const running = discovery();
    running.start();
    running.start();
    await clock.advance(1);
    running.start();
    await clock.advance(1);
    expect(found).toHaveLength(1);
  });

  it('keeps what was found when pages lead back, counts it as drift and says so', async () => {
    let next: string | null = null;
    api.onEnvironments = () => environmentsPage([one], next);
    discovery().start();
    await clock.advance(1);
    next = 'again';
    await clock.advance(INTERVAL);
    expect(found).toEqual([['env_1']]);
    expect(tried).toEqual([true, false]);
    expect(broken).toBe(1);
    expect(events).toMatchObject([{ event: 'discovery.failing', reason: 'bad_response' }]);
  });

  it('keeps what was found when it fails, says so once, retries sooner and says when it works again', async () => {
    let down = false;
    api.onEnvironments = () => {
      if (down) throw apiError('forbidden', { httpStatus: 403 });
      return environmentsPage([one]);
    };
    discovery().start();
    await clock.advance(1);
    down = true;
    await clock.advance(INTERVAL + 50_000);
    expect(found).toEqual([['env_1']]);
    expect(tried).toEqual([true, false, false, false]);
    expect(events).toMatchObject([
      {
        level: 'warn',
        message: 'environments cannot be discovered; those found before are still watched',
        event: 'discovery.failing',
        connection: 'default',
        reason: 'forbidden',
        http_status: 403,
        remedy: 'do this',
      },
    ]);
    down = false;
    await clock.advance(INTERVAL);
    expect(found.length).toBeGreaterThan(1);
    expect(events[1]).toMatchObject({
      level: 'info',
      message: 'discovery works again',
      event: 'discovery.recovered',
      connection: 'default',
      outage_seconds: expect.any(Number),
    });
  });

  it('waits for as long as the API asks', async () => {
    const waits = [120_000, 1000];
    api.onEnvironments = () => {
      const retryAfterMs = waits.shift();
      if (retryAfterMs === undefined) return environmentsPage([one]);
      throw apiError('server_error', { httpStatus: 503, retryAfterMs });
    };
    discovery().start();
    await clock.advance(120_000 - 1);
    expect(tried).toEqual([false]);
    await clock.advance(1);
    expect(tried).toEqual([false, false]);
    // Less than the shortest wait, which is not doubled.
    await clock.advance(15_000 - 1);
    expect(tried).toEqual([false, false]);
    await clock.advance(1);
    expect(tried).toEqual([false, false, true]);
  });

  it('tells how long an outage took whatever the wall clock does', async () => {
    let down = true;
    api.onEnvironments = () => {
      if (down) throw apiError('forbidden', { httpStatus: 403 });
      return environmentsPage([one]);
    };
    discovery().start();
    await clock.advance(1);
    clock.jumpWall(-86_400_000);
    down = false;
    await clock.advance(15_000);
    expect(events.at(-1)).toMatchObject({ event: 'discovery.recovered', outage_seconds: 15 });
  });

  it('waits longer after each failure, and begins anew at the next outage', async () => {
    let down = true;
    api.onEnvironments = () => {
      if (down) throw apiError('forbidden', { httpStatus: 403 });
      return environmentsPage([one]);
    };
    discovery().start();
    await clock.advance(15_000 + 30_000 + 60_000 - 1);
    expect(tried).toEqual([false, false, false]);
    down = false;
    await clock.advance(1);
    expect(tried.at(-1)).toBe(true);
    down = true;
    await clock.advance(INTERVAL);
    tried = [];
    await clock.advance(15_000);
    expect(tried).toEqual([false]);
  });

  it('says once which entries are left out, and again when there are more', async () => {
    let bad = ['data[0].id should be a string'];
    api.onEnvironments = () => environmentsPage([one], null, bad);
    discovery().start();
    await clock.advance(2 * INTERVAL);
    expect(found.length).toBeGreaterThan(1);
    expect(events).toEqual([
      {
        level: 'warn',
        message: 'environments whose id cannot be used are left out',
        event: 'discovery.skipped',
        connection: 'default',
        count: 1,
        detail: bad[0],
        remedy: SKIPPED_REMEDY,
      },
    ]);
    bad = [...bad, 'data[1].id should be a string'];
    await clock.advance(INTERVAL);
    bad = [];
    await clock.advance(INTERVAL);
    expect(events.slice(1)).toMatchObject([{ event: 'discovery.skipped', count: 2 }]);
  });

  it('ends what is under way when it is stopped, and does not come back', async () => {
    const pending = deferred<ReturnType<typeof environmentsPage>>();
    api.onEnvironments = () => pending.promise;
    const running = discovery();
    running.start();
    await clock.advance(1);
    const stopped = running.stop();
    expect(api.calls[0]!.options.signal?.aborted).toBe(true);
    pending.resolve(environmentsPage([one]));
    await stopped;
    await clock.advance(INTERVAL * 3);
    expect(found).toEqual([]);
    expect(api.count('environments')).toBe(1);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { LogFields, Logger } from '../../src/base/logger.ts';
import { Secret } from '../../src/base/secret.ts';
import type { EnvironmentsPage, PageRequest, RemoteEnvironment } from '../../src/client/work-api.ts';
import { Discovery, type DiscoverySettings, SKIPPED_REMEDY } from '../../src/discovery/discovery.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { apiError, deferred, environmentsPage, ScriptedWorkApi } from '../support/scripted-work-api.ts';

const INTERVAL = 300_000;
const one: RemoteEnvironment = { id: 'env_1', name: 'prod', configType: 'self_hosted', archived: false };
const two: RemoteEnvironment = { ...one, id: 'env_2', name: 'batch' };

const named = (name: string): RemoteEnvironment => ({ ...one, id: `env_${name}`, name });
const CONNECTION: DiscoverySettings['connection'] = {
  ...{ name: 'default', provider: 'anthropic', baseUrl: 'https://there', workspaceId: null },
  apiKey: new Secret('k', 'a file'),
};
const SETTINGS = { connection: CONNECTION, place: {}, intervalMs: INTERVAL };

let clock: ManualClock;
let api: ScriptedWorkApi;
/** What is known after each listing, by name. */
let found: string[][];
let tried: boolean[];
let events: LogFields[];
let broken: number;

function discovery(settings: Partial<DiscoverySettings> = {}, before: Discovery | null = null): Discovery {
  const log = (level: keyof Logger) => (fields: LogFields, message: string) =>
    events.push({ level, message, ...fields });
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  const deps = {
    clock,
    random: () => 0.5,
    logger,
    found: async () => void found.push(made.known.map(({ name }) => name)),
    tried: (_: string, ok: boolean) => void tried.push(ok),
    chainBroken: () => void broken++,
  };
  const made: Discovery = new Discovery({ ...SETTINGS, api, ...settings }, deps, before);
  return made;
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
    expect(found).toEqual([['prod', 'batch']]);
    await clock.advance(1);
    expect(found).toHaveLength(2);
    expect(tried).toEqual([true, true]);
    expect(events).toEqual([]);
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
    expect(found).toEqual([['prod']]);
    expect(tried).toEqual([true, false, false, false]);
    const failing = { event: 'discovery.failing', connection: 'default', reason: 'forbidden', http_status: 403 };
    expect(events).toMatchObject([{ ...failing, remedy: 'do this' }]);
    down = false;
    await clock.advance(INTERVAL);
    expect(found.length).toBeGreaterThan(1);
    expect(events[1]).toMatchObject({ event: 'discovery.recovered', outage_seconds: expect.any(Number) });
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

  it('says once which entries are left out, and again when there are more', async () => {
    let bad = ['data[0].id should be a string'];
    api.onEnvironments = () => environmentsPage([one], null, bad);
    discovery().start();
    await clock.advance(2 * INTERVAL);
    expect(found.length).toBeGreaterThan(1);
    const skipped = { level: 'warn', event: 'discovery.skipped', connection: 'default', count: 1 };
    expect(events).toMatchObject([{ ...skipped, detail: bad[0], remedy: SKIPPED_REMEDY }]);
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

describe('an environment is gone when two listings in a row do not show it', () => {
  it.each([
    ['it moves to a page that was read already', 'ab,cd ab,d ab,cd', 'abcd abdc abcd'],
    ['then another one moves', 'ab,cd ab,d b,cd ab', 'abcd abdc bcda abcd'],
    ['it is deleted', 'ab,cd ab,d ab,d', 'abcd abdc abd'],
    ['all are missing once', 'abc - abc', 'abc abc abc'],
    ['all are missing twice', 'abc - -', 'abc abc -'],
    ['it comes back in between', 'abc bc abc bc', 'abc bca abc'],
    ['it is new', 'ab,cd ab,cde', 'abcd abcde'],
    ['the second look fails', 'abc ab ! ab', 'abc abc ! ab'],
  ])('%s: a letter an environment, a comma between pages, ! for one that fails: %s', async (_, shown, known) => {
    const left = shown.split(' ');
    let pages: readonly string[] = [];
    api.onEnvironments = ({ page }) => {
      if (page === null) {
        const next = left.shift() ?? '!';
        if (next === '!') throw apiError('server_error', { httpStatus: 500 });
        pages = next.replace('-', '').split(',');
      }
      const at = Number(page ?? 0);
      return environmentsPage([...pages[at]!].map(named), at + 1 < pages.length ? String(at + 1) : null);
    };
    const running = discovery();
    running.start();
    // The regular look, the second one, and a third after a failure.
    await clock.advance(INTERVAL + 2 * 15_000);
    await running.stop();
    const listed = found.map((names) => names.join('') || '-');
    expect(tried.map((ok) => (ok ? listed.shift() : '!')).join(' ')).toBe(known);
  });

  it.each([
    ['that reads the same list', 'https://there', [two, one]],
    ['at once where it is another list', 'https://elsewhere', [two]],
  ])('also over a reload %s', async (_, baseUrl, known) => {
    api.onEnvironments = () => environmentsPage([one, two]);
    const before = discovery();
    before.start();
    await clock.advance(1);
    await before.stop();
    api.onEnvironments = () => environmentsPage([two]);
    const after = discovery({ connection: { ...CONNECTION, baseUrl } }, before);
    expect([after.known, after.outcome]).toEqual([[one, two], before.outcome]);
    after.start();
    await clock.advance(1);
    expect(after.known).toEqual(known);
    await after.stop();
  });

  it.each<[what: string, change: Partial<DiscoverySettings>, goesOn: boolean]>([
    ['the same key, read again', { connection: { ...CONNECTION, apiKey: new Secret('k', 'a file') } }, true],
    ['another key', { connection: { ...CONNECTION, apiKey: new Secret('l', 'a file') } }, false],
    ['another interval', { intervalMs: 1000 }, false],
    ['another way to the API', { place: {} }, false],
  ])('goes on after a reload that brings %s only if nothing differs', (_, change, goesOn) => {
    expect(discovery().isFor({ ...SETTINGS, api, ...change })).toBe(goesOn);
  });
});

describe('one listing', () => {
  const limits = () => api.calls.map(({ page }) => page!.limit);

  async function list(answer: (page: PageRequest) => EnvironmentsPage) {
    api.onEnvironments = answer;
    const running = discovery();
    running.start();
    await clock.advance(1);
    await running.stop();
    return { known: running.known, outcome: running.outcome };
  }

  it.each<[what: string, next: (page: string | null) => Partial<EnvironmentsPage>, requests: number]>([
    ['the first page leads to itself', () => ({ nextPage: 'a' }), 2],
    ['two pages lead to each other', (page) => ({ nextPage: page === 'a' ? 'b' : 'a' }), 3],
    ['the first has more and no cursor', () => ({ nextPage: null, chainBroken: true as const }), 1],
    ['they never end', (page) => ({ nextPage: `${page ?? ''}a` }), 100],
  ])('fails and counts as drift where %s', async (_, next, requests) => {
    const { known, outcome } = await list(({ page }) => ({ ...environmentsPage([one]), ...next(page) }));
    const message = expect.stringContaining('did not reach its end');
    expect(outcome?.failure).toMatchObject({ reason: 'bad_response', message, remedy: expect.any(String) });
    expect([known, broken, tried]).toEqual([[], 1, [false]]);
    expect(api.count('environments')).toBe(requests);
  });

  it.each([400, 422])('asks for less where the first page is refused with %d', async (httpStatus) => {
    const { known } = await list(({ limit, page }) => {
      if (limit > 100) throw apiError('client_error', { httpStatus });
      return environmentsPage([one], page === null ? 'a' : null);
    });
    expect([known, limits()]).toEqual([[one], [1000, 100, 100]]);
  });

  it('asks for less, from the start, where a page holds more than is accepted of one answer', async () => {
    const { known, outcome } = await list(({ limit, page }) => {
      if (limit > 100 && page === 'a') throw apiError('bad_response', { httpStatus: 200, tooMuch: true });
      return page === null ? { ...environmentsPage([one], 'a'), skipped: ['an odd id'] } : environmentsPage([one]);
    });
    expect([known, outcome?.skipped, limits()]).toEqual([[one], 1, [1000, 1000, 100, 100]]);
    expect(api.calls.map(({ page }) => page!.page).slice(-2)).toEqual([null, 'a']);
  });

  it.each([401, 404, 503])('does not ask for less after %d', async (httpStatus) => {
    const { outcome } = await list(() => {
      throw apiError('server_error', { httpStatus });
    });
    expect([outcome?.failure?.httpStatus, limits()]).toEqual([httpStatus, [1000]]);
  });
});

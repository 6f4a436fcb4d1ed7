import { beforeEach, describe, expect, it } from 'vitest';
import { ListReader } from '../../scan/list-reader.ts';
import { FakeWorkList } from '../../support/fake-work-list.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A list with the oldest first, ten a page, whose first page may be all that is shown. */
class BreakingList extends FakeWorkList {
  isBroken = false;

  override async listPage(...asked: Parameters<FakeWorkList['listPage']>) {
    const answer = await super.listPage(...asked);
    return this.isBroken
      ? { ...answer, value: { ...answer.value, nextPage: null, chainBroken: true as const } }
      : answer;
  }
}

let clock: ManualClock;
let list: BreakingList;
let reader: ListReader;
/** How far the own clock is ahead of the API's. */
let ahead: number;

beforeEach(() => {
  clock = new ManualClock();
  list = new BreakingList({ order: 'oldest', cursors: 'keyset', retrieve: false });
  const connection = { knowsClock: () => false, pageSize: 10, fallbackPageSize: 10 };
  reader = new ListReader({ api: list, clock, connection });
  ahead = 0;
});

const apiNow = () => clock.now() - ahead;

async function totals() {
  await clock.advance(30 * SECOND);
  expect((await reader.read()).failure).toBeNull();
  const { created, acknowledged, stopped, requeued } = reader.state.lifecycle!;
  return { created, acknowledged, stopped, requeued };
}

const NONE = { created: 0, acknowledged: 0, stopped: 0, requeued: 0 };

/** An item that was created, acknowledged and stopped within two seconds. */
function addEnded(createdAt: number): void {
  const stamps = { acknowledgedAt: createdAt + SECOND, stoppedAt: createdAt + 2 * SECOND };
  list.add(createdAt, { state: 'stopped', ...stamps });
}

it('a list of live items only tells that the own clock is ahead: what comes later is counted', async () => {
  ahead = 3 * HOUR;
  list.add(apiNow() - MINUTE);
  expect(await totals()).toEqual(NONE);
  addEnded(apiNow());
  expect(await totals()).toEqual({ ...NONE, created: 1, acknowledged: 1, stopped: 1 });
});

it('heartbeats tell that the own clock is right: what ended before them, and is shown late, is not counted', async () => {
  const at = apiNow() - HOUR;
  list.add(at, { state: 'active', acknowledgedAt: at + SECOND, latestHeartbeatAt: apiNow() - SECOND });
  expect(await totals()).toEqual(NONE);
  addEnded(apiNow() - 5 * MINUTE);
  expect(await totals()).toEqual(NONE);
});

it('the first pages of a list do not tell that the own clock is ahead: what the others show is not counted', async () => {
  for (let n = 30; n >= 1; n--) addEnded(apiNow() - n * MINUTE);
  list.isBroken = true;
  expect(await totals()).toEqual(NONE);
  expect(reader.state.items?.lastFullRead?.truncated).toBe(true);
  list.isBroken = false;
  for (let n = 0; n < 5; n++) expect(await totals()).toEqual(NONE);
  expect(reader.state.items?.lastFullRead?.truncated).toBe(false);
});

it('the end of an item that was followed counts also where the own clock is ahead, and no stamp after W tells it', async () => {
  ahead = 3 * HOUR;
  const at = apiNow() - HOUR;
  const id = list.add(at, { state: 'active', acknowledgedAt: at + SECOND });
  list.isBroken = true;
  expect(await totals()).toEqual(NONE);
  list.isBroken = false;
  list.change(id, { state: 'stopped', stoppedAt: apiNow() });
  expect(await totals()).toEqual({ ...NONE, stopped: 1 });
});

describe('a first read that showed only the first pages', () => {
  /** What is counted in the end, of three items that come and end after the first read of the whole list. */
  const ALL = { created: 3, acknowledged: 3, stopped: 3, requeued: 0 };
  it.each([
    { own: 'right', aheadBy: 0, breaks: 1, live: 'none', counts: ALL },
    { own: 'right', aheadBy: 0, breaks: 1, live: 'followed', counts: ALL },
    { own: 'ahead', aheadBy: 3 * HOUR, breaks: 1, live: 'none', counts: ALL },
    { own: 'ahead', aheadBy: 3 * HOUR, breaks: 1, live: 'followed', counts: ALL },
    { own: 'ahead', aheadBy: 3 * HOUR, breaks: 4, live: 'followed', counts: ALL },
    { own: 'ahead', aheadBy: 3 * HOUR, breaks: 1, live: 'ends', counts: { ...ALL, stopped: 4 } },
    { own: 'ahead', aheadBy: 3 * HOUR, breaks: 4, live: 'ends', counts: { ...ALL, stopped: 4 } },
    { own: 'behind', aheadBy: -3 * HOUR, breaks: 1, live: 'none', counts: ALL },
    { own: 'behind', aheadBy: -3 * HOUR, breaks: 1, live: 'followed', counts: ALL },
  ])('own clock $own, $breaks such reads, live items: $live', async ({ aheadBy, breaks, live, counts }) => {
    ahead = aheadBy;
    const at = apiNow() - HOUR;
    for (let n = 30; n >= 1; n--) addEnded(at - n * MINUTE);
    const id = live === 'none' ? null : list.add(at - 3 * HOUR, { state: 'active', acknowledgedAt: at });
    list.isBroken = true;
    for (let n = 0; n < breaks; n++) expect(await totals()).toEqual(NONE);
    if (live === 'ends') list.change(id!, { state: 'stopped', stoppedAt: apiNow() });
    list.isBroken = false;
    for (let n = 0; n < 3; n++) await totals();
    for (let n = 0; n < 3; n++) {
      addEnded(apiNow());
      await totals();
    }
    for (let n = 0; n < 3; n++) await totals();
    expect(await totals()).toEqual(counts);
  });
});

import { describe, expect, it } from 'vitest';
import type { WorkPage } from '../../src/client/work-api.ts';
import { FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ListReader } from './list-reader.ts';

const MINUTE = 60_000;

/** A list of stopped items, ten a page, whose end can be made a contradiction. */
class ContradictoryList extends FakeWorkList {
  end: Partial<WorkPage> = {};

  override async listPage(...asked: Parameters<FakeWorkList['listPage']>) {
    const answer = await super.listPage(...asked);
    return answer.value.nextPage === null ? { ...answer, value: { ...answer.value, ...this.end } } : answer;
  }
}

function given(order: 'newest' | 'oldest', stopped: number) {
  const clock = new ManualClock();
  const list = new ContradictoryList({ order, cursors: 'keyset', retrieve: false });
  for (let i = stopped; i > 0; i--) {
    const at = clock.now() - i * MINUTE - 3_600_000;
    list.add(at, { state: 'stopped', acknowledgedAt: at + 1000, stoppedAt: at + 30_000 });
  }
  const reader = new ListReader({ api: list, clock, connection: { pageSize: 10, fallbackPageSize: 10 } });
  const read = async () => {
    await clock.advance(30_000);
    return reader.read();
  };
  return { clock, list, reader, read };
}

describe.each(['newest', 'oldest'] as const)('a list with the %s first', (order) => {
  describe.each([
    ['that has more and no cursor', { nextPage: null, chainBroken: true as const }],
    ['whose last page leads to itself', { nextPage: 'self' }],
  ])('%s', (_, end) => {
    it.each([5, 45])('of %d items is truncated, and whole again when the API has mended it', async (items) => {
      const { list, reader, read } = given(order, items);
      if (end.nextPage === 'self') {
        // The page of the cursor `self` is the last one again.
        const listPage = list.listPage.bind(list);
        list.listPage = (id, request) =>
          listPage(id, request.page === 'self' ? { ...request, page: list.requests.at(-1)!.page } : request);
      }
      list.end = end;
      expect((await read()).failure).toBeNull();
      expect(reader.state.items?.lastFullRead).toMatchObject({ truncated: true, chainBroken: true });
      list.end = {};
      for (let reads = 0; reads < 30; reads++) await read();
      expect(reader.state.items?.lastFullRead).toMatchObject({ truncated: false, chainBroken: false, items });
    });
  });

  it('that was whole is found truncated when its end breaks later', async () => {
    const { list, reader, read } = given(order, 45);
    await read();
    expect(reader.state.items?.lastFullRead).toMatchObject({ truncated: false });
    list.end = { nextPage: null, chainBroken: true };
    for (let reads = 0; reads < 30; reads++) await read();
    expect(reader.state.items?.lastFullRead).toMatchObject({ truncated: true, chainBroken: true });
  });
});

describe.each(['newest', 'oldest'] as const)('new items with the %s first', (order) => {
  it('are looked for on ten empty pages in a row, and then in a full scan with permits', async () => {
    const { list, reader, read } = given(order, 45);
    await read();
    const listPage = list.listPage.bind(list);
    list.listPage = async (id, request) => {
      if (order === 'oldest' && !request.page?.startsWith('empty')) {
        const answer = await listPage(id, request);
        return answer.value.nextPage === null ? { ...answer, value: { ...answer.value, nextPage: 'empty_0' } } : answer;
      }
      const answer = await listPage(id, { ...request, page: null });
      return { ...answer, value: { ...answer.value, items: [], nextPage: `empty_${list.requests.length}` } };
    };
    const before = list.requests.length;
    expect((await read()).failure).toBeNull();
    expect(list.requests.length - before).toBeLessThan(20);
    expect(reader.scanState.rescans).toMatchObject({ reason: 'cursor_repeated' });
  });
});

import { expect, it } from 'vitest';
import type { WorkPage } from '../../src/client/work-api.ts';
import { LATEST_COMMIT_MS } from '../../src/lifecycle/count-read.ts';
import { type FakeListOptions, FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ListReader } from './list-reader.ts';

/** A list that leaves some items out, as one does whose rows move between pages while they are read. */
class MissingList extends FakeWorkList {
  readonly missing = new Set<string>();

  override async listPage(...args: Parameters<FakeWorkList['listPage']>) {
    const reply = await super.listPage(...args);
    const items = reply.value.items.filter(({ id }) => !this.missing.has(id));
    const value: WorkPage = { ...reply.value, items };
    return { ...reply, value };
  }
}

const OPTIONS: FakeListOptions = { order: 'newest', cursors: 'keyset' };

it('an item that stopped while nobody read, and that the first full scan missed, counts once it is seen', async () => {
  const clock = new ManualClock();
  const list = new MissingList(OPTIONS);
  const before = new ListReader({ api: list, clock });
  await before.read();
  await clock.advance(1000);
  const [id, at] = [list.add(clock.now()), clock.now()];
  await clock.advance(1000);
  await before.read();
  list.change(id, { state: 'stopped', acknowledgedAt: at + 5000, stoppedAt: at + 9000 });
  await clock.advance(2 * LATEST_COMMIT_MS);

  const after = new ListReader({ api: list, clock, ledger: before.state.ledger! });
  list.missing.add(id);
  await after.read();
  list.missing.clear();
  expect(after.state.ledger!.settledUntil).toBeGreaterThan(at + 9000);
  for (let reads = 0; reads < 3; reads++) {
    await clock.advance(30_000);
    await after.read();
  }
  const { created, acknowledged, stopped, requeued } = after.state.ledger!.totals;
  expect({ created, acknowledged, stopped, requeued }).toEqual({
    created: 1,
    acknowledged: 1,
    stopped: 1,
    requeued: 0,
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { apiError } from '../support/api-errors.ts';
import { ListRig } from './list-rig.ts';

let rig: ListRig;

beforeEach(() => {
  rig = new ListRig();
});

describe('live items far from the new ones', () => {
  const old = () => rig.list.items()[50]!.id;

  /** When the live items were last seen. */
  function seenAts(): number[] {
    const items = rig.reader.state.items!;
    return [...items.live.values()].map((observed) => observed.observedAt);
  }

  function revive(id: string): void {
    rig.list.change(id, {
      state: 'active',
      acknowledgedAt: rig.clock.now(),
      latestHeartbeatAt: rig.clock.now(),
      stoppedAt: null,
    });
  }

  it('are read alone by their id', async () => {
    rig.given({ stopped: 95 });
    revive(old());
    await rig.read();
    expect((await rig.read()).map(({ kind }) => kind)).toEqual(['page', 'retrieve']);
    expect(seenAts()[0]).toBe(rig.clock.now());
  });

  it('are read by their page without such a credential, or when single reads are off', async () => {
    rig.given({ stopped: 95, retrieve: false });
    revive(old());
    await rig.read();
    expect((await rig.read()).map(({ kind }) => kind)).toEqual(['page', 'page']);
    rig.given({ stopped: 95 }, { environment: { poll: { ...rig.reader.state.environment.poll, singleReads: 'off' } } });
    revive(old());
    await rig.read();
    expect((await rig.read()).map(({ kind }) => kind)).toEqual(['page', 'page']);
    expect(seenAts()[0]).toBe(rig.clock.now());
  });

  it('are found on the next page when new ones have pushed them on', async () => {
    rig.given({ stopped: 95, cursors: 'offset', retrieve: false });
    const id = rig.list.items()[46]!.id;
    revive(id);
    await rig.read();
    for (let i = 0; i < 6; i++) rig.list.add(rig.clock.now(), { state: 'stopped', stoppedAt: rig.clock.now() });
    expect(await rig.read()).toHaveLength(3);
    expect(seenAts()[0]).toBe(rig.clock.now());
  });

  it('cost three requests a read at the most, those unseen for longest first, and keep their time until then', async () => {
    rig.given({ stopped: 195 });
    const ids = [10, 30, 50, 70, 90].map((i) => rig.list.items()[i]!.id);
    ids.forEach(revive);
    await rig.read();
    const first = (await rig.read()).flatMap(({ id }) => id ?? []);
    const second = (await rig.read()).flatMap(({ id }) => id ?? []);
    expect([first.length, second.length]).toEqual([3, 3]);
    expect(new Set([...first, ...second])).toEqual(new Set(ids));
    const times = seenAts().map((seenAt) => rig.clock.now() - seenAt);
    expect(times.filter((age) => age === 30_000)).toHaveLength(2);
  });

  it('that are gone leave by a 404', async () => {
    rig.given({ stopped: 95 });
    const id = old();
    revive(id);
    await rig.read();
    rig.list.remove([id]);
    await rig.read();
    expect(rig.reader.live).toEqual([]);
  });

  it.each([
    ['the API', 'forbidden'],
    ['a firewall', 'bad_response'],
  ] as const)('that may not be read alone, says %s, are read by their page from then on', async (_, reason) => {
    rig.given({ stopped: 95 });
    revive(old());
    await rig.read();
    rig.list.before = ({ id }) => {
      if (id !== null) throw apiError(reason, { httpStatus: 403 });
    };
    await rig.read();
    expect(rig.reader.scanState.limits.areSingleReadsRefused(rig.clock.monotonic())).toBe(true);
    expect((await rig.read()).map(({ kind }) => kind)).toEqual(['page', 'page']);
  });

  it('of which one fails alone do not fail the read', async () => {
    rig.given({ stopped: 95 });
    revive(old());
    await rig.read();
    rig.list.before = ({ id }) => {
      if (id !== null) throw apiError('server_error', { httpStatus: 500 });
    };
    expect((await rig.read()).map(({ kind }) => kind)).toEqual(['page', 'retrieve']);
    expect((await rig.read()).map(({ kind }) => kind)).toEqual(['page', 'page']);
  });

  it('are not asked for one by one while the API asks for patience', async () => {
    rig.given({ stopped: 95 });
    revive(old());
    await rig.read();
    const { failure } = await rig.readWithFailure(2, apiError('rate_limited', { httpStatus: 429, retryAfterMs: 9000 }));
    expect(failure?.reason).toBe('rate_limited');
  });

  it('whose place is lost are a rescan reason where they cannot be read alone', async () => {
    rig.given({ stopped: 95, retrieve: false });
    const id = old();
    revive(id);
    await rig.read();
    rig.list.remove([id]);
    await rig.read();
    expect(rig.reader.scanState.rescans.reason).toBe('item_moved');
    expect(rig.reader.live).toEqual([id]);
  });

  it('whose place is lost are looked for in the whole list by the same read, a minute after the last full scan', async () => {
    rig.given({ stopped: 95, retrieve: false });
    const id = old();
    revive(id);
    await rig.readTimes(3);
    rig.list.remove([id]);
    const pages = (await rig.read()).map(({ page }) => page);
    expect(new Set(pages).size).toBe(10);
    // A second full scan proves that it is nowhere.
    await rig.read();
    expect(rig.reader.live).toEqual([]);
  });
});

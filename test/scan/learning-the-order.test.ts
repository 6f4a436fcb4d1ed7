import { beforeEach, describe, expect, it } from 'vitest';
import { apiError } from '../support/api-errors.ts';
import { ListRig, MINUTE } from './list-rig.ts';

let rig: ListRig;

beforeEach(() => {
  rig = new ListRig();
});

describe('the order of a long list', () => {
  it.each(['newest', 'oldest'] as const)(
    '%s first is learned by a full scan; then one page shows what is new',
    async (order) => {
      rig.given({ stopped: 95, order });
      expect(await rig.read()).toHaveLength(10);
      const id = rig.list.add(rig.clock.now());
      expect(await rig.read()).toHaveLength(1);
      expect([rig.reader.state.items?.mode, rig.reader.live]).toEqual([order, [id]]);
    },
  );

  it('none: full scans go on and on, ten pages a read at the least', async () => {
    rig.given({ stopped: 195, order: 'none' });
    expect(await rig.read()).toHaveLength(20);
    expect([await rig.read(), await rig.read()].map((requests) => requests.length)).toEqual([10, 10]);
    expect(rig.reader.state.items?.mode).toBe('none');
  });

  it('none is what a list of two pages shows again and again, where only its second page breaks it', async () => {
    rig.given({ stopped: 15, order: 'newest' });
    const [oldest, next] = rig.list.items();
    rig.list.change(oldest!.id, { createdAt: next!.createdAt! + 1 });
    for (let n = 0; n < 4; n++) {
      expect(await rig.read()).toHaveLength(2);
      expect(rig.reader.scanState.order.value).toBe('none');
    }
  });

  it('that breaks is a rescan reason: a full scan, at the earliest a minute after the last', async () => {
    rig.given({ stopped: 95 });
    await rig.read();
    const first = rig.list.items().at(-1)!;
    rig.list.change(first.id, { createdAt: first.createdAt! - 10 * MINUTE });
    expect(await rig.read()).toHaveLength(1);
    expect(rig.reader.scanState.rescans.reason).toBe('order');
    expect(rig.reader.state.items?.scan?.rescanReason?.reason).toBe('order');
    await rig.clock.advance(MINUTE);
    expect((await rig.read()).length).toBeGreaterThanOrEqual(10);
    expect(rig.reader.scanState.order.value).toBe('none');
  });

  it.each(['newest', 'oldest'] as const)(
    'that shows only now, %s first, brings the items that came during the full scan',
    async (order) => {
      rig.given({ stopped: 195, order });
      const [, second] = rig.list.items();
      rig.list.change(second!.id, { createdAt: second!.createdAt! - 10 * MINUTE });
      await rig.read();
      expect(rig.reader.scanState.order.value).toBe('none');
      rig.list.change(second!.id, { createdAt: second!.createdAt });
      await rig.read();
      expect(rig.reader.scanState.order.value).toBe('none');
      const id = rig.list.add(rig.clock.now());
      await rig.read();
      expect(rig.reader.scanState.order.value).toBe(order);
      expect(rig.reader.live).toEqual([id]);
    },
  );

  it('survives a full scan that fails until more than a page of items has come', async () => {
    rig.given({ stopped: 195, cursors: 'offset' });
    await rig.read();
    await rig.clock.advance(4 * MINUTE);
    while (rig.reader.scanState.fullScans.current === null) await rig.read();
    for (let n = 0; n < 2; n++) {
      for (let item = 0; item < 13; item++) rig.list.add(rig.clock.now() - 1000 + item);
      // Only the pages from which new items are read succeed.
      const { nextCursor: page } = rig.reader.scanState.fullScans.current;
      rig.list.before = (request) => {
        if (request.page === page) throw apiError('server_error', { httpStatus: 500 });
      };
      await rig.clock.advance(30_000);
      await rig.reader.read();
    }
    rig.list.before = () => {};
    while (rig.reader.scanState.fullScans.current !== null) await rig.read();
    expect(rig.reader.scanState.order.value).toBe('newest');
  });

  it('is given up for an hour after three reasons to rescan in ten minutes', async () => {
    rig.given({ stopped: 155, order: 'oldest' });
    await rig.read();
    for (let n = 0; n < 3; n++) {
      await rig.clock.advance(2 * MINUTE);
      // The end of the list goes, and with it all that was known of the last pages.
      const last = rig.list.items().slice(-22);
      rig.list.remove(last.map(({ id }) => id));
      await rig.read();
    }
    expect(rig.reader.scanState.order.value).toBe('none');
    await rig.clock.advance(50 * MINUTE);
    await rig.read();
    expect(rig.reader.scanState.order.value).toBe('none');
    await rig.clock.advance(11 * MINUTE);
    await rig.read();
    expect(rig.reader.scanState.order.value).toBe('oldest');
  });
});

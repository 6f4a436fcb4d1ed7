import { expect, it } from 'vitest';
import { roomsIn } from '../../../src/scan/memory/rooms.ts';

const MIB = 2 ** 20;
const FREE_BYTES = 65_536;
const FREE_ITEMS = 100;

it.each([
  ['the container of the Helm chart', { heapBytes: 560 * MIB, containerBytes: 512 * MIB }, 32_768, 64],
  ['a small heap in a large container', { heapBytes: 128 * MIB, containerBytes: 8192 * MIB }, 16_384, 32],
  ['a heap of 2 GiB without a container', { heapBytes: 2048 * MIB, containerBytes: 0 }, 262_144, 512],
])(
  'in %s, lists share the room for so many items, and for so many MiB of remembered pages',
  (_, limits, items, mib) => {
    const rooms = roomsIn(limits);
    rooms.items.join();
    rooms.items.replaceTaken(items - FREE_ITEMS - 1, 0);
    expect(rooms.items.isLeftFor(items)).toBe(true);
    rooms.items.replaceTaken(1, 0);
    expect(rooms.items.isLeftFor(items)).toBe(false);
    // One list may have an eighth of it.
    const most = FREE_BYTES + (mib * MIB) / 8;
    expect(rooms.answers.admits(most + 1, 0)).toBe(false);
    for (let list = 0; list < 8; list++) {
      expect(rooms.answers.admits(most, 0)).toBe(true);
      rooms.answers.replaceTaken(most, 0);
    }
    expect(rooms.answers.admits(FREE_BYTES + 1, 0)).toBe(false);
    expect(rooms.answers.admits(FREE_BYTES, 0)).toBe(true);
  },
);

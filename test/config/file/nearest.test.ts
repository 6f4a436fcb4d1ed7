import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/config/file/nearest.ts';

const NAMES = ['stats_interval', 'list_interval', 'stale_after', 'id'];

describe('nearest', () => {
  it.each([
    ['stats_intervall', 'stats_interval'],
    ['statsInterval', 'stats_interval'],
    ['list-interval', 'list_interval'],
    ['stlae_after', 'stale_after'],
    ['ID', 'id'],
    ['di', 'id'],
  ])('%s means %s', (written, meant) => expect(nearest(written, NAMES)).toBe(meant));

  it.each(['colour', 'x'.repeat(1000), 'zz', 'dj'])('%s means nothing', (written) =>
    expect(nearest(written, NAMES)).toBeNull(),
  );
});

import { describe, expect, it } from 'vitest';
import { nearest, remedyForUnknown } from '../../../src/config/file/nearest.ts';

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

describe('what to do about an unknown name', () => {
  const known = ['api_key', 'api_key_file', 'timeout', 'keyring'];

  it.each([
    ['timout', 'did you mean timeout?'],
    ['key', 'did you mean one of api_key, api_key_file?'],
    ['key_file', 'did you mean api_key_file?'],
    ['colour', 'known here: api_key, api_key_file, timeout, keyring'],
  ])('%s: %s', (written, remedy) => expect(remedyForUnknown(written, known)).toBe(remedy));

  it('longer names that are known here come before a place elsewhere', () => {
    const elsewhere = () => 'it belongs under x';
    expect(remedyForUnknown('file', known, elsewhere)).toBe('did you mean api_key_file?');
    expect(remedyForUnknown('colour', known, elsewhere)).toBe('it belongs under x');
  });
});

import { expect, it } from 'vitest';
import { mayBecomeStateFile, STATE_FILE_START_BYTES } from '../../src/domain/state-file-start.ts';
import { formatStateFile } from '../../src/statefile/format.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ledgerOf } from './memory-files.ts';

const TEXT = formatStateFile({
  instance: '641f4d1d-746b-48da-acad-97018775e377',
  savedAt: 1_795_964_770_195.5425,
  ledgers: new Map([['env_1', ledgerOf(2, new ManualClock())]]),
});

/** As the exporter looks at a file before it takes it for its own. */
const isOwn = (text: string) => mayBecomeStateFile(text.slice(0, STATE_FILE_START_BYTES));
const places = Array.from({ length: STATE_FILE_START_BYTES }, (_, at) => at);

it('a state file that was cut anywhere is one still, so that the exporter starts beside it', () => {
  expect(places.filter((at) => !isOwn(TEXT.slice(0, at)))).toEqual([]);
});

it.each(['0', '"', '{', ',', 'x', ' ', '\0', '\ufffd', ''])(
  'a state file is one still with %j in place of any byte',
  (put) => {
    expect(places.filter((at) => !isOwn(TEXT.slice(0, at) + put + TEXT.slice(at + 1)))).toEqual([]);
  },
);

it.each([
  ['a file that begins like one', '{"version":1,"instant":"coffee"}'],
  ['another text', 'sk-ant-api03-x\n'],
  ['a space', ' '],
  ['a NUL and a text', '\0text'],
  ['an archive', '\x1f\x8b\x08\0\0\0'],
  ['a long text after its beginning', `{"version":1,"instance":"${'x'.repeat(STATE_FILE_START_BYTES)}`],
  ['two members alone', '{"version":1,"instance":"x\\'],
])('%s is no state file, and stays', (_, text) => {
  expect(isOwn(text)).toBe(false);
});

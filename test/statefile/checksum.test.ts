import { beforeEach, describe, expect, it } from 'vitest';
import { formatStateFile } from '../../src/statefile/format.ts';
import { parseStateFile, StateFileError } from '../../src/statefile/parse-state-file.ts';
import { PATH, StateFileRig, withoutChecksum } from './state-file-rig.ts';

let { clock, files, logged, open, ledger } = new StateFileRig();

beforeEach(() => {
  ({ clock, files, logged, open, ledger } = new StateFileRig());
});

const written = () =>
  formatStateFile({ instance: 'one', savedAt: clock.now(), ledgers: new Map([['env_1', ledger(2)]]) });
const indented = (text: string) => JSON.stringify(JSON.parse(text), null, 2);
const marked = (text: string) => text.replace(/"behind":0,"crc32":"\w+"/, '"behind":1,"crc32":"00000000"');

describe('a state file with a checksum', () => {
  const CHANGED = { detail: 'the state file cannot be used: its checksum is that of other content' };
  it.each([
    { what: 'as it was written', change: (text: string) => text, created: 3 },
    { what: 'of an earlier version', change: withoutChecksum, created: 3 },
    {
      what: 'of an earlier version, marked as behind',
      change: (text: string) => marked(text).replace(/"crc32":"0+",/, ''),
    },
    { what: 'marked as behind', change: marked },
    { what: 'with another count', change: (text: string) => text.replace('"created":3', '"created":7'), says: CHANGED },
    { what: 'with another time', change: (text: string) => text.replace(/("saved_at":)\d/, '$12'), says: CHANGED },
    { what: 'of another environment', change: (text: string) => text.replace('env_1', 'env_2'), says: CHANGED },
    {
      what: 'whose mark was lost',
      change: (text: string) => marked(text).replace('"behind":1', '"behind":0'),
      says: CHANGED,
    },
    {
      what: 'with no text for a checksum',
      change: (text: string) => text.replace(/"crc32":"\w+"/, '"crc32":0'),
      says: CHANGED,
    },
    { what: 'that a person indented', change: indented, says: CHANGED },
    {
      what: 'without it, that a person indented',
      change: (text: string) => indented(withoutChecksum(text)),
      created: 3,
    },
  ])('$what', async ({ change, created, says }) => {
    files.files.set(PATH, change(written()));
    const file = await open('two');
    expect(file.resume('env_1')?.totals.created).toBe(created);
    expect(file.resume('env_2')).toBeUndefined();
    const remedy = expect.stringMatching(/^Check the disk.* remove its member crc32 and put it back/);
    const line = { ...says, event: 'state_file.failing', path: PATH, kept_as: `${PATH}.corrupt`, remedy };
    expect(logged).toEqual(says === undefined ? [] : [{ level: 'warn', fields: line }]);
  });

  it('is right after a write that failed and one that did not', async () => {
    const file = await open();
    files.failing = { replace: true };
    await file.save('env_1', ledger(1), 'counted');
    await clock.advance(5000);
    expect(files.files.get(PATH)).toMatch(/^\{"version":1,"instance":"one","behind":1,"crc32":"00000000","saved_at":/);
    files.failing = {};
    const saved = ledger(2);
    await file.save('env_1', saved, 'counted');
    await clock.advance(5000);
    expect((await open('two')).resume('env_1')?.totals).toEqual(saved.totals);
  });

  it('finds every bit that is another one, or the bit changes nothing that is read', () => {
    const text = written();
    const good = parseStateFile(text).ledgers;
    let refused = 0;
    for (let at = 0; at < text.length; at++) {
      for (let bit = 1; bit < 128; bit *= 2) {
        const damaged = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ bit) + text.slice(at + 1);
        try {
          const { ledgers } = parseStateFile(damaged);
          // As outdated, it holds nothing.
          if (ledgers.size > 0) expect(ledgers).toEqual(good);
        } catch (error) {
          expect(error).toBeInstanceOf(StateFileError);
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(text.length * 6);
  });
});

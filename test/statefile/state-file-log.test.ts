import { beforeEach, describe, expect, it } from 'vitest';
import type { LogFields, Logger } from '../../src/base/logger.ts';
import { StateFileLog } from '../../src/statefile/state-file-log.ts';

const PATH = '/var/lib/exporter/state.json';
const FAILING = { event: 'state_file.failing', path: PATH };
const WRITABLE =
  'Check that the directory exists and is writable, that the file can be read, and that the disk has space.';

let written: LogFields[];
let oks: boolean[];
let log: StateFileLog;

beforeEach(() => {
  written = [];
  oks = [];
  const line = (level: string) => (fields: LogFields, message: string) => written.push({ level, message, ...fields });
  const logger: Logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  log = new StateFileLog({ path: PATH, logger, onOk: (ok) => oks.push(ok) });
});

/** What happened, what the line says, and whether the file can be written after it. */
const LINES: readonly [(log: StateFileLog) => void, LogFields, boolean | null][] = [
  [
    (log) => log.cannotRead('EACCES'),
    {
      level: 'warn',
      message: 'the state file cannot be read; counters start at 0',
      detail: 'EACCES',
      remedy: 'Check the disk and the owner of the file, which is replaced once it can be read.',
    },
    null,
  ],
  [
    (log) => log.isOtherFile(),
    {
      level: 'warn',
      message: 'what lies there is not a state file, and is not replaced; counters start at 0',
      remedy: 'Name a file that only the exporter writes, or move this one away.',
    },
    null,
  ],
  [
    (log) => log.setAside('it is not a state file', { aside: `${PATH}.invalid`, remedy: 'Check the disk.' }),
    {
      level: 'warn',
      message: 'the state file cannot be used and is set aside; counters start at 0',
      detail: 'it is not a state file',
      kept_as: `${PATH}.invalid`,
      remedy: 'Check the disk.',
    },
    null,
  ],
  [
    (log) => log.cannotSetAside('it is not a state file', `${PATH}.invalid`),
    {
      level: 'warn',
      message: 'the state file cannot be used and is replaced; counters start at 0',
      detail: 'it is not a state file',
      remedy: `Move away what lies at ${PATH}.invalid.`,
    },
    null,
  ],
  [
    (log) => log.cannotWrite('ENOSPC'),
    {
      level: 'error',
      message: 'the state file cannot be written; counters will start at 0 after a restart',
      detail: 'ENOSPC',
      remedy: WRITABLE,
    },
    false,
  ],
  [
    (log) => log.cannotWrite("EMFILE: too many open files, open '/var/lib/exporter/state.json'"),
    {
      level: 'error',
      message: 'the state file cannot be written; counters will start at 0 after a restart',
      detail: "EMFILE: too many open files, open '/var/lib/exporter/state.json'",
      remedy: 'Raise the limit on open files (ulimit -n).',
    },
    false,
  ],
  [
    (log) => log.cannotDiscard('EROFS'),
    {
      level: 'error',
      message: 'the state file is outdated and cannot be removed; counters may go down after a restart',
      detail: 'EROFS',
      remedy: 'Remove the file before the next start.',
    },
    null,
  ],
  [
    (log) => log.usurped(),
    {
      level: 'error',
      message: 'another process writes the state file; this one stops writing it',
      remedy: 'Give each process a state_file of its own.',
    },
    false,
  ],
];

describe('the log of the state file', () => {
  it.each(LINES.map(([act, line, ok]) => [line.message, act, line, ok] as const))('says: %s', (_, act, line, ok) => {
    act(log);
    expect(written).toEqual([{ ...FAILING, ...line }]);
    expect(log.ok).toBe(ok);
    expect(oks).toEqual(ok === null ? [] : [ok]);
  });

  it.each<[string, string, boolean | null, readonly boolean[], readonly string[]]>([
    ['nothing of writes that succeed', '+++', true, [true], []],
    ['once that writes fail', '---', false, [false], ['error']],
    ['nothing of two good writes in an outage', '+-++', false, [true, false], ['error']],
    ['that the third in a row ends it', '-+++', true, [false, true], ['error', 'info']],
    ['nothing of good writes with a bad one between', '-++-++', false, [false], ['error']],
    ['each of two outages', '-+++-', false, [false, true, false], ['error', 'info', 'error']],
    ['nothing of the writes after an outage', '-+++++', true, [false, true], ['error', 'info']],
    ['once that the old file cannot be removed either', '!!!!', false, [false], ['error', 'error']],
    ['so once, where that begins and ends in an outage', '-!!-!', false, [false], ['error', 'error']],
    ['so once, with good writes between', '!++!!', false, [false], ['error', 'error']],
    ['so in each of two outages', '!+++!', false, [false, true, false], ['error', 'error', 'info', 'error', 'error']],
  ])('says %s', (_name, writes, ok, changes, levels) => {
    for (const write of writes) {
      if (write === '+') log.written();
      else log.cannotWrite('ENOSPC');
      if (write === '!') log.cannotDiscard('EROFS');
    }
    expect([log.ok, oks, written.map(({ level }) => level)]).toEqual([ok, changes, levels]);
  });

  it('says in full that an outage is over', () => {
    log.cannotWrite('ENOSPC');
    for (let n = 0; n < 3; n++) log.written();
    const message = 'the state file can be written again';
    expect(written[1]).toEqual({ level: 'info', message, event: 'state_file.recovered', path: PATH });
  });
});

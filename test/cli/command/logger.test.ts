import { expect, it } from 'vitest';
import { createLogger, logText } from '../../../src/cli/command/logger.ts';

it('says time of day, level and message, and each field on a line', () => {
  const at = new Date(2026, 10, 24, 9, 5, 3);
  const line = JSON.stringify({
    level: 'warn',
    time: at.toISOString(),
    event: 'a.b',
    list: [1, 'x'],
    msg: 'it happened',
  });
  expect(logText(line)).toBe('[09:05:03] WARN: it happened\n    event: "a.b"\n    list: [1,"x"]\n');
});

it('never lets a control character through to a terminal', () => {
  const line = JSON.stringify({ level: 'info', time: 0, name: '\u001b[2J\u202e', msg: 'a\u001b[31m\nb\u202e' });
  const shown = logText(line);
  expect(shown.split('\n')).toHaveLength(3);
  expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

it('is what a logger of text writes, and keeps to its level', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', format: 'text' }, { write: (line) => void lines.push(line) });
  logger.debug({ event: 'scrape.cut_off' }, 'not this');
  logger.error({ event: 'environment.failing', reason: 'network' }, 'cannot be read');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /^\[\d\d:\d\d:\d\d\] ERROR: cannot be read\n {4}event: "environment\.failing"\n {4}reason: "network"\n$/,
  );
});

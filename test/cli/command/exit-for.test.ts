import { CommanderError } from 'commander';
import { expect, it } from 'vitest';
import { ExporterError } from '../../../src/base/errors.ts';
import { CommandExit, EXIT } from '../../../src/cli/command/command-exit.ts';
import { exitFor } from '../../../src/cli/command/exit-for.ts';
import { ListenError } from '../../../src/server/http/listen-error.ts';

const taken = new ListenError('127.0.0.1', 9877, Object.assign(new Error('in use'), { code: 'EADDRINUSE' }));
const noDirectory = Object.assign(new Error('ENOENT: process.cwd failed'), { code: 'ENOENT', syscall: 'uv_cwd' });

it.each<[what: string, error: unknown, code: number, message: string | RegExp]>([
  ['what a command says of itself', new CommandExit(EXIT.refused, 'a key is refused'), 4, 'a key is refused'],
  ['a command that has said all', new CommandExit(EXIT.failed), 1, ''],
  ['help, which commander has printed', new CommanderError(0, 'commander.help', '(outputHelp)'), 0, ''],
  ['a wrong flag, of which commander has told', new CommanderError(1, 'commander.unknownOption', 'error: -x'), 2, ''],
  ['an address that is taken', taken, 3, /^Cannot listen on 127\.0\.0\.1:9877: .* with --listen HOST:PORT\.$/],
  ['an error with a remedy', new ExporterError('a', 'It fails.', { remedy: 'Do this.' }), 1, 'It fails. Do this.'],
  ['half a sentence with a remedy', new ExporterError('a', 'it fails', { remedy: 'do this' }), 1, 'it fails; do this'],
  ['an error without one', new ExporterError('a', 'It fails.'), 1, 'It fails.'],
  ['a relative path in a directory that was removed', noDirectory, 2, /^A relative path .* write the whole path\.$/],
  [
    'a file that is not there',
    Object.assign(new Error('ENOENT: x'), { code: 'ENOENT', syscall: 'open' }),
    1,
    'ENOENT: x',
  ],
  ['a bug', new TypeError('x is not a function'), 1, 'x is not a function'],
  ['what is no error', 'thrown', 1, 'thrown'],
])('%s decides how the process ends', (_, error, code, message) => {
  expect(exitFor(error)).toEqual({
    code,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});

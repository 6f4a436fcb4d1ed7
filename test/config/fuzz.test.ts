import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatProblem } from '../../src/config/file/problem.ts';
import { loadConfig } from '../../src/config/load/load-config.ts';
import { parseDuration } from '../../src/config/options/duration.ts';
import { CONFIG_PATH, memoryFiles } from './support.ts';

const KEY = 'sk-ant-oat01-FUZZcanary-abcdef';
const RUNS = { numRuns: 150 };

/** Pieces that a configuration is made of, and some that it is not. */
const piece = fc.constantFrom(
  ...[
    'environments:',
    '\n',
    '  ',
    '- ',
    'id: e',
    'name: ',
    'api: ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '&a ',
    '*a',
    '<<: ',
    '\n<<<<<<< ours\n',
    '\n=======\n',
    '\n>>>>>>> theirs\n',
  ],
  ...['!!set ', '!x ', '|', '>', '#', '---', '...', '?', ': ', '\t', `\${X}`, '${', 'poll:', 'stats_interval: ', '5s'],
  ...[
    '1e999',
    '.inf',
    'null',
    '__proto__: ',
    'constructor: ',
    '\u202E',
    '\ud800',
    '\0',
    '🚀',
    KEY,
    'environment_key: ',
    'log_level: ',
    'exemplars: "true"',
  ],
);

async function problemsOf(content: Uint8Array | string): Promise<string[]> {
  const files = memoryFiles({});
  const readFile = (path: string, limit: number) =>
    path === CONFIG_PATH ? Buffer.from(content as string) : files.readFile(path, limit);
  const loaded = await loadConfig({ path: CONFIG_PATH, env: { X: KEY }, files: { ...files, readFile } });
  expect(JSON.stringify(loaded)).not.toContain('FUZZcanary');
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
}

it('any text is a configuration, or has problems in printable words without a key', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
      for (const problem of await problemsOf(pieces.join(''))) expect(problem).toMatch(/^[^\p{Cc}\p{Bidi_Control}]+$/u);
    }),
    RUNS,
  );
});

it('any bytes are a configuration, or have problems', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      expect((await problemsOf(bytes)).length).toBeGreaterThan(0);
    }),
    RUNS,
  );
});

it('any value at any option is taken, or is a problem', async () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const options = [
    'poll',
    'thresholds',
    'discovery',
    'server',
    'log',
    'api',
    'connections',
    'environments',
    'state_file',
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...options), value, async (option, given) => {
      const environments = [{ id: 'e', environment_key: KEY }];
      await problemsOf(JSON.stringify({ environments, [option]: given }));
    }),
    RUNS,
  );
});

it('a duration is a whole number of milliseconds, or none', () => {
  const unit = fc.constantFrom('y', 'w', 'd', 'h', 'm', 's', 'ms', '', '-', '.', ' ', 'µs');
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), unit), { maxLength: 5 }), (parts) => {
      const text = parts.map(([amount, name]) => `${amount}${name}`).join('');
      const ms = parseDuration(text);
      expect(ms === null || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
    }),
  );
});

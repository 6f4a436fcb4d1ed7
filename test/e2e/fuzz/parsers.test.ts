import { InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkBase } from '../../../src/cli/artifacts.ts';
import { CommandExit } from '../../../src/cli/command.ts';
import { exporterAt } from '../../../src/cli/drill.ts';
import { listenAddress } from '../../../src/cli/simulate.ts';
import { resolveShard } from '../../../src/config/fleet.ts';
import type { ResolveContext } from '../../../src/config/keys.ts';
import { baseUrl, parseDuration, parseListen, shard } from '../../../src/config/option-types.ts';
import { authorityOf, basicCredentials, hostName, lifecycleRejection } from '../../../src/server/access.ts';

/** Pieces that some of the texts are made of, so that chance gets past the first character. */
const PIECES = [
  ...[
    '0',
    '1',
    '59',
    '999999999999',
    '1e999',
    '-',
    '+',
    '.',
    ':',
    '/',
    ',',
    ';',
    '=',
    ' ',
    '\n',
    '\0',
    '%',
    '%zz',
    '@',
  ],
  ...['http://', 'https://', 'localhost', '127.0.0.1', '[::1]', '[', ']', '(', ')', '{', '}', '"', "'", '\\', '|', '~'],
  ...['s', 'ms', 'h', 'µs', 'ns', 'auto', 'Basic ', 'YTpi', 'Tue, 24 Nov 2026 12:00:00 GMT', 'GMT', 'up', 'Inf'],
  ...['sum', ' by ', ' and on ', ' offset ', 'rate', '__name__', '=~', '!=', '<!doctype', 'null', 'true', '[5m]'],
  ...['🚀', '\ud800', '\u202E', 'q', 'status', '__proto__', 'ä'],
];
const text = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const RUNS = { numRuns: 300 };

/** What a text comes to, or that it was refused in the way that the parser promises. */
function outcome<T>(parse: () => T, refusals: readonly (new (...args: never[]) => Error)[]): T | null {
  try {
    return parse();
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal)) return null;
    throw error;
  }
}

describe('any text', () => {
  const cases: Readonly<Record<string, (given: string) => void>> = {
    'as a Host is a name without port, or nothing': (given) => {
      const name = hostName(given);
      if (name !== null) expect(name).toMatch(/^[a-z0-9._:-]+$/);
      authorityOf({ url: given, headers: { host: given } });
      authorityOf({ url: `http://${given}`, headers: {} });
    },
    'as the origin of a page changes the process only when it is this machine': (given) => {
      const rejection = (lifecycle: 'loopback' | 'anyone', headers: { host: string; origin: string }) =>
        lifecycleRejection(lifecycle, { headers, url: '/', httpVersion: '1.1' }, '127.0.0.1');
      if (rejection('loopback', { host: 'localhost:9877', origin: given }) === null) {
        expect(URL.parse(given)?.host).toBe('localhost:9877');
      }
      rejection('anyone', { host: given, origin: `http://${given}` });
    },
    'as a login is a name and a password, or none': (given) => {
      for (const header of [given, `Basic ${Buffer.from(given).toString('base64')}`]) {
        const login = basicCredentials(header);
        if (login !== null) expect(login.name).not.toContain(':');
      }
    },
    'is a duration that is a number, or none': (given) => {
      const ms = parseDuration(given);
      if (ms !== null) expect(ms).toSatisfy((number: number) => number >= 0 && Number.isFinite(number));
    },
    'is an address to listen at, or refused': (given) => {
      for (const address of [
        parseListen(given),
        parseListen(`${given}:1`),
        outcome(() => listenAddress(given), [InvalidArgumentError]),
      ]) {
        if (address !== null) expect([address.host !== '', address.port <= 65_535]).toEqual([true, true]);
      }
    },
    'is a base URL without a password, or refused': (given) => {
      for (const written of [given, `https://${given}`, `https://u:canary@${given}`]) {
        const result = baseUrl.safeParse(written);
        if (result.success) expect(result.data).not.toContain('canary');
        else expect(JSON.stringify(result.error.issues)).not.toContain('canary');
      }
    },
    'is the address of an exporter, or refused without being shown': (given) => {
      for (const written of [given, `http://${given}`, `http://u:${given}canary@host`]) {
        const address = outcome(() => exporterAt(written), [CommandExit]);
        const isPassword = URL.parse(written)?.password.includes('canary') === true;
        if (isPassword && address !== null) expect(address.url).not.toContain('canary');
      }
    },
    'is an address that links can begin with, or rejected': (given) => {
      for (const written of [given, `https://${given}`, `https://host/${given}`, `https://${given}@host`]) {
        const base = outcome(() => linkBase(written), [InvalidArgumentError]);
        if (base !== null) expect(`${base}/d/UID`).toMatch(/^https?:\/\/[^\s"\\@?#${}]*[^\s"\\@?#${}/]\/d\/UID$/);
      }
    },
    'is a shard, or refused': (given) => {
      const result = shard.safeParse(given);
      if (result.success) expect(result.data).toMatchObject({ count: expect.any(Number) });
    },
    'as the name of a host numbers a shard, or is a problem': (given) => {
      const problems: unknown[] = [];
      const report = { problem: (...problem: unknown[]) => problems.push(problem) };
      const context = { report, hostName: given } as unknown as ResolveContext;
      const { index } = resolveShard({ index: 'auto', count: 5 }, context);
      expect(index < 5 && (index === 0 || problems.length === 0)).toBe(true);
    },
  };

  it.each(Object.entries(cases))('%s', async (_title, run) => {
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        await run(given);
      }),
      RUNS,
    );
  });
});

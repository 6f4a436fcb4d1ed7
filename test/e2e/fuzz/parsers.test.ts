import { Command, InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExporterError } from '../../../src/base/errors.ts';
import { CommandExit } from '../../../src/cli/command/command-exit.ts';
import { linkBase } from '../../../src/cli/command/link-base.ts';
import { listenAddress } from '../../../src/cli/command/listen-address.ts';
import { withOptionMeant } from '../../../src/cli/command/option-hints.ts';
import { exporterAddress } from '../../../src/cli/drill/exporter-address.ts';
import { BodyError } from '../../../src/client/http/body-error.ts';
import { staleAnswer } from '../../../src/client/http/cached-answer.ts';
import { dispatcherMaker } from '../../../src/client/http/dispatcher.ts';
import { decompressed, parseBody } from '../../../src/client/http/read-body.ts';
import { dateOfAnswer } from '../../../src/client/http/response-headers.ts';
import { LONGEST_RETRY_AFTER_MS, retryAfterMs } from '../../../src/client/http/retry-after.ts';
import { decodeText } from '../../../src/config/file/decode-text.ts';
import { baseUrl, parseListen } from '../../../src/config/options/address-types.ts';
import { shardOption } from '../../../src/config/options/shard-option.ts';
import type { ResolveContext } from '../../../src/config/resolve/resolve-context.ts';
import { resolveShard } from '../../../src/config/resolve/resolve-shard.ts';
import { parseGoDuration } from '../../../src/config/web/web-file-schema.ts';
import { behindMark, mayBecomeStateFile, stateFileWriter } from '../../../src/domain/state-file-start.ts';
import { authorityOf, hostName } from '../../../src/server/access/host-name.ts';
import { lifecycleRejection } from '../../../src/server/access/lifecycle-rights.ts';
import { readFilter } from '../../../src/server/page/view/page-filter.ts';
import { basicCredentials } from '../../../src/server/web/logins.ts';

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
  ...['s', 'ms', 'h', 'µs', 'ns', 'auto', 'HIT', 'Basic ', 'YTpi', 'Tue, 24 Nov 2026 12:00:00 GMT', 'GMT', 'up', 'Inf'],
  ...['sum', ' by ', ' and on ', ' offset ', 'rate', '__name__', '=~', '!=', '<!doctype', 'null', 'true', '[5m]'],
  ...['{"version":1,"instance":"', '","behind":', '🚀', '\ud800', '\u202E', 'q', 'status', '__proto__', 'ä'],
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
    'in retry-after is a wait of at most five minutes, or none': (given) => {
      for (const name of ['retry-after', 'retry-after-ms']) {
        const ms = retryAfterMs({ [name]: given }, Date.UTC(2026, 10, 24));
        expect(ms ?? 0).toSatisfy((wait: number) => wait >= 0 && wait <= LONGEST_RETRY_AFTER_MS);
      }
    },
    'in the date of an answer is a moment of these years, or none': (given) => {
      const date = dateOfAnswer({ date: given });
      if (date !== null) expect(new Date(date).getUTCFullYear()).toBeGreaterThanOrEqual(2020);
    },
    'in the headers of a cache is old, or is not': (given) => {
      // An Age that nobody can read is no proof of youth.
      if (!/^\s*\d/.test(given)) expect(staleAnswer({ age: given }, 15_000)).not.toBeNull();
      staleAnswer({ 'x-cache': [given, given], 'cache-status': given }, 0);
    },
    'as a Host is a name without port, or nothing': (given) => {
      const name = hostName(given);
      if (name !== null) expect(name).toMatch(/^[a-z0-9._:-]+$/);
      authorityOf({ url: given, headers: { host: given } });
      authorityOf({ url: `http://${given}`, headers: {} });
    },
    'as the origin of a page changes the process only when it is this machine': (given) => {
      const caller = { remoteAddress: '127.0.0.1', host: 'localhost:9877', fetchSite: undefined, forwarded: false };
      const rejection = lifecycleRejection('loopback', { ...caller, origin: given });
      if (rejection === null) expect(URL.parse(given)?.host).toBe('localhost:9877');
      lifecycleRejection('anyone', { ...caller, host: given, origin: `http://${given}` });
    },
    'as a login is a name and a password, or none': (given) => {
      for (const header of [given, `Basic ${Buffer.from(given).toString('base64')}`]) {
        const login = basicCredentials(header);
        if (login !== null) expect(login.name).not.toContain(':');
      }
    },
    'as the filter of the page shows all, or less': (given) => {
      const { text: words, level } = readFilter({ q: given, status: given });
      expect([words.length <= 100, level === null || level === given]).toEqual([true, true]);
      readFilter({ q: [given], status: { given } });
      readFilter(given);
    },
    'is a Go duration that is a number, or none': (given) => {
      const ms = parseGoDuration(given);
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
        const result = baseUrl.schema.safeParse(written);
        if (result.success) expect(result.data).not.toContain('canary');
        else expect(JSON.stringify(result.error.issues)).not.toContain('canary');
      }
    },
    'is the address of an exporter, or refused without being shown': (given) => {
      for (const written of [given, `http://${given}`, `http://u:${given}canary@host`]) {
        const address = outcome(() => exporterAddress(written), [CommandExit]);
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
    'is an unknown option, whose error keeps its words': (given) => {
      const error = `error: unknown option '${given}'\n`;
      expect(withOptionMeant(error, new Command()).startsWith(error.trimEnd())).toBe(true);
    },
    'is a shard, or refused': (given) => {
      const result = shardOption.type.schema.safeParse(given);
      if (result.success) expect(result.data).toMatchObject({ count: expect.any(Number) });
    },
    'as the name of a host numbers a shard, or is a problem': (given) => {
      const problems: unknown[] = [];
      const report = { problem: (...problem: unknown[]) => problems.push(problem) };
      const context = { report, hostName: given } as unknown as ResolveContext;
      const { index } = resolveShard({ index: 'auto', count: 5 }, context);
      expect(index < 5 && (index === 0 || problems.length === 0)).toBe(true);
    },
    'at the start of a file is a state file, or another file that stays as it is': (given) => {
      const mark = behindMark(given);
      if (mark !== null) {
        const replaced = Buffer.from(given).subarray(mark.at, mark.at + mark.text.length);
        expect(replaced.toString()).toMatch(/^[01](?:,"crc32":"[0-9a-f]{8}",)?$/);
      }
      const isLikeOne = given === '' || /^\s*\{|"behind":[01],"crc32":"/.test(given);
      if (mayBecomeStateFile(given)) expect(isLikeOne).toBe(true);
      stateFileWriter(given);
    },
    'names a proxy, or is refused without being shown': (given) => {
      for (const host of ['api.example.com', '10.1.2.3', '[fd00::1]']) {
        const origin = new URL(`https://${host}`);
        const env = { HTTPS_PROXY: `u:canary@${given}`, NO_PROXY: `${given} ${given}/8 10.0.0.0/${given}` };
        const dispatcher = outcome(() => dispatcherMaker({ ...WITHOUT_PROXY, origin, env })(), [ExporterError]);
        void dispatcher?.destroy();
      }
    },
    'is the certificate of an authority, or refused': (given) => {
      const ca = `-----BEGIN CERTIFICATE-----${given}-----END CERTIFICATE-----`;
      for (const one of [given, ca]) {
        expect(outcome(() => dispatcherMaker({ ...WITHOUT_PROXY, ca: one }), [ExporterError])).toBeNull();
      }
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

describe('any bytes', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    text.map((given) => new TextEncoder().encode(given)),
  );

  it('are JSON, or a body that is no JSON', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          fc.json().map((json) => new TextEncoder().encode(json)),
        ),
        (body) => {
          outcome(() => parseBody(Buffer.from(body), {}), [BodyError]);
        },
      ),
      RUNS,
    );
  });

  it('are compressed and within the bound, or damaged', async () => {
    const encoding = fc.constantFrom('gzip', 'x-gzip', 'deflate', 'br', 'zstd', '', '__proto__', 'constructor');
    await fc.assert(
      fc.asyncProperty(bytes, encoding, async (body, name) => {
        const end = await decompressed(Buffer.from(body), name, 1000).catch((error: unknown) => error);
        if (Buffer.isBuffer(end)) expect(end.length).toBeLessThanOrEqual(1000);
        else expect(end).toBeInstanceOf(BodyError);
      }),
      { numRuns: 100 },
    );
  });

  it('are text, or something with a name and a remedy', () => {
    fc.assert(
      fc.property(bytes, (content) => {
        const decoded = decodeText(content);
        if (!decoded.ok) expect([decoded.what, decoded.remedy]).not.toContain('');
      }),
      RUNS,
    );
  });
});

const WITHOUT_PROXY = {
  origin: new URL('https://api.example.com'),
  maxConcurrentRequests: 1,
  timeoutMs: 1000,
  maxResponseBytes: 4_194_304,
  ca: null,
  env: {},
};

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../src/config/file/decode-text.ts';
import { formatProblem } from '../../src/config/file/problem.ts';
import { loadConfig } from '../../src/config/load/load-config.ts';
import { CONFIG_PATH, configOf, problemsOf } from './support.ts';

const KEY = 'YAMLcanary';

describe('what YAML allows and a configuration does not', () => {
  it.each([
    ['a set', 'poll: !!set {stats_interval: null}', '1:7'],
    ['an ordered map', 'poll: !!omap [{stats_interval: 5s}]', '1:7'],
    ['pairs', 'poll: !!pairs [{stats_interval: 5s}]', '1:7'],
    ['bytes', `api: {api_key: !!binary ${KEY}}`, '1:16'],
    ['a date', 'api: {expires: !!timestamp 2027-05-01}', '1:16'],
    ['a number by its tag', 'metadata: {max_values: !!int "12"}', '1:24'],
    ['a tag that nobody knows', `api: {api_key: !vault ${KEY}}`, '1:16'],
    ['a tag in full', 'poll: !<tag:yaml.org,2002:set> {a: null}', '1:7'],
    ['a tag of a key', '!!set poll: {}', '1:1'],
    ['a tag of its own', '%TAG ! tag:example.com,2000:\n---\npoll: !foo {}', '3:7'],
    ['a tag for nothing in particular', 'poll: ! {}', '1:7'],
    ['a tag far down in a file', `${'# a comment\n'.repeat(40)}poll: !!set {stats_interval: null}`, '41:7'],
  ])('%s is refused at its place', async (_, yaml, place) => {
    const problems = await problemsOf(`${yaml}\nenvironments: [{id: e, environment_key: k}]`);
    expect(problems).toEqual([
      `${place}: the file has a tag here, which no option takes; leave out what begins with !, and put text in quotes`,
    ]);
  });

  it('a map or a list as a name is refused at its place', async () => {
    expect(await problemsOf('? {a: 1}\n: b\n')).toEqual([
      '1:3: the file has a map where the name of an option belongs; write `name: value`; put names with brackets in quotes',
    ]);
    expect((await problemsOf('poll:\n  ? [a, b]\n  : c\n'))[0]).toContain('2:5: the file has a list where the name');
  });

  it('a tag that says text is text', async () => {
    const config = await configOf('environments: [{id: e, environment_key: !!str 12345, name: !!str 7}]');
    expect(config.environments[0]!.environmentKey!.reveal()).toBe('12345');
    expect(config.environments[0]!.environment.name).toBe('7');
  });

  it.each([
    ['api: {<<: 5, api_key: k}', '1:7'],
    ['api: {<<: [a, b], api_key: k}', '1:7'],
    ['api: &a {api_key: k}\npoll: {<<: [*a, x]}', '2:8'],
    ['state_file: &s /x\napi: {<<: *s}', '2:7'],
    ['api: {<<: &x [*x], api_key: k}', '1:7'],
    ['<<: &x [*x, *x]', '1:1'],
    ['poll: &p [{}]\napi: {<<: [*p], api_key: k}', '2:7'],
  ])('%j merges what is no map', async (yaml, place) => {
    expect(await problemsOf(yaml)).toEqual([
      `${place}: the file merges something with << that is no map; name an anchor of a map there, or a list of such`,
    ]);
  });

  it('anchors, aliases and merges still work', async () => {
    const config = await configOf(`
poll: &poll {stats_interval: 20s}
environments:
  - {id: a, environment_key: k, poll: *poll}
  - {id: b, environment_key: k, poll: {<<: *poll, list_interval: 40s}}
`);
    expect(config.environments.map(({ environment }) => environment.poll.statsIntervalMs)).toEqual([20_000, 20_000]);
  });

  it.each([
    ['an alias', 100, 'poll: *often'],
    ['an alias', 101, 'poll: *often'],
    ['an alias', 300, 'poll: *often'],
    ['a merge', 300, '<<: *owned'],
    ['an alias in a merge', 300, 'poll: {<<: *often, list_interval: 40s}'],
    ['a list of merges', 300, '<<: [*owned, *own]'],
    ['an alias of what has an alias', 300, 'thresholds: *thresholds'],
  ])('%s is used by each of %i environments', async (_, count, uses) => {
    const config = await configOf(`
api: {requests_per_minute: 100000}
poll: &often {stats_interval: 20s}
thresholds: &thresholds {queue_age: &age {warning: 3m}, queue_depth: {warning: 7}}
environments:
  - &owned {id: first, environment_key: k, labels: &labels {owner: team}}
  - &own {id: second, environment_key: k, labels: *labels, thresholds: {queue_age: *age}}
${Array.from({ length: count }, (_each, n) => `  - {${uses}, id: env_${n}, environment_key: k}`).join('\n')}
`);
    const last = config.environments.at(-1)!.environment;
    expect(config.environments).toHaveLength(count + 2);
    expect([last.id, last.poll.statsIntervalMs]).toEqual([`env_${count - 1}`, 20_000]);
    expect(last.labels).toEqual(uses.startsWith('<<') ? { owner: 'team' } : {});
  });

  it.each([
    ['a few lines that stand for a billion values', 9, 'a: &a0 [x,x,x,x,x,x,x,x,x]'],
    ['merges of merges', 40, 'a: &a0 {x: 1}'],
  ])('%s are too many', async (_, levels, first) => {
    const isMerge = first.includes('{');
    const line = (n: number) => {
      const above = `*a${n - 1}`;
      if (isMerge) return `b${n}: &a${n} {<<: [${above}, ${above}]}`;
      return `b${n}: &a${n} [${Array(9).fill(above).join(', ')}]`;
    };
    const yaml = [first, ...Array.from({ length: levels }, (_each, n) => line(n + 1))].join('\n');
    expect((await problemsOf(yaml)).join()).toContain('aliases that contain themselves, or too many');
  });
});

/** The problems of a file of these bytes. */
async function problemsOfBytes(bytes: Uint8Array): Promise<string[]> {
  const files = { readFile: () => bytes, readdir: () => [] };
  const loaded = await loadConfig({ path: CONFIG_PATH, env: {}, files });
  return loaded.ok ? [] : loaded.problems.map((problem) => formatProblem(problem).replace(`${CONFIG_PATH}: `, ''));
}

describe('a file that is not written in UTF-8', () => {
  const YAML = 'environments:\n  - {id: e, environment_key: k, name: café}\n';
  const utf16 = Buffer.from(YAML, 'utf16le');
  const bigEndian = Buffer.from(utf16).swap16();

  it.each([
    [
      'UTF-16 with its mark',
      Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]),
      'the file is written in UTF-16; save it as UTF-8',
    ],
    ['UTF-16', utf16, 'the file is written in UTF-16; save it as UTF-8'],
    [
      'big-endian UTF-16 with its mark',
      Buffer.concat([Buffer.from([0xfe, 0xff]), bigEndian]),
      'the file is written in UTF-16; save it as UTF-8',
    ],
    ['big-endian UTF-16', bigEndian, 'the file is written in UTF-16; save it as UTF-8'],
    [
      'Latin-1',
      Buffer.from(YAML, 'latin1'),
      'line 2 has a character that is not written in UTF-8, but perhaps in Latin-1 or Windows-1252; save it as UTF-8',
    ],
    ['a NUL', Buffer.from(`a: b\nc: "\0"\n`), 'the file is not text: line 2 has a NUL byte; name a configuration file'],
    [
      'cut in a character',
      Buffer.from(YAML).subarray(0, -3),
      'line 2 has a character that is not written in UTF-8, but perhaps in Latin-1 or Windows-1252; save it as UTF-8',
    ],
    [
      'line breaks of old systems, which would make one comment of the file',
      Buffer.from('# production\renvironments: []\r'),
      'line 1 has a carriage return (CR) without a line feed (LF); save it with LF or CRLF line endings',
    ],
    [
      'one such line break',
      Buffer.from(`${YAML}# more\rpoll: {}\r\n`),
      'line 3 has a carriage return (CR) without a line feed (LF); save it with LF or CRLF line endings',
    ],
  ])('%s is told in one sentence', async (_, bytes, problem) => {
    expect(await problemsOfBytes(bytes)).toEqual([problem]);
  });

  it('UTF-8 is taken with a mark and without', async () => {
    expect(await problemsOfBytes(Buffer.from(YAML))).toEqual([]);
    expect(await problemsOfBytes(Buffer.from(`\ufeff${YAML}`))).toEqual([]);
    expect(await problemsOfBytes(Buffer.from(YAML.replaceAll('\n', '\r\n')))).toEqual([]);
  });

  it('the line of the first wrong byte is told, wherever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.string()), (before, after) => {
        const lines = before.map((line) => line.replaceAll('\0', ''));
        const head = Buffer.from(`a${lines.join('\n')}\nb`);
        const decoded = decodeText(
          Buffer.concat([head, Buffer.from([0xff]), Buffer.from(after.join('').replaceAll('\0', ''))]),
        );
        const line = head.toString().split('\n').length;
        expect(decoded.ok ? '' : decoded.what).toMatch(new RegExp(`^line ${line} has`));
      }),
    );
  });
});

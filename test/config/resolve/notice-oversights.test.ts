import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/config/file/problem.ts';
import { loadEnv, noticesOf } from '../support.ts';

const WITH_KEY = 'api: {api_key: k}\nenvironments: [{id: env_1, environment_key: e}]\n';

describe('a discovery that nobody switched on', () => {
  it('is told where its settings begin', async () => {
    expect(await noticesOf(`${WITH_KEY}discovery:\n  include: [prod-*]\n  labels: {a: b}\n`)).toEqual([
      '/etc/exporter/config.yaml:4:12: discovery.include: has no effect, as discovery is off; set discovery.enabled: true, or false to keep this for later',
    ]);
  });

  it.each(['discovery:\n', 'discovery: {}\n', 'discovery: {enabled: false, include: [prod-*]}\n', ''])(
    'is not told of %j',
    async (discovery) => {
      expect(await noticesOf(WITH_KEY + discovery)).toEqual([]);
    },
  );
});

describe('a pattern that is a regular expression', () => {
  it('is told, as it matches nothing', async () => {
    const notices = await noticesOf(
      'api: {api_key: k}\ndiscovery: {enabled: true, include: ["^prod-.*$", "prod-*"], exclude: ["test$"], environment_keys_dir: /keys}\n',
      { files: { '/keys/env_1': 'e' } },
    );
    const told = notices.filter((notice) => notice.includes('regular expression'));
    expect(told.map((notice) => notice.split(': ')[1])).toEqual(['discovery.include[0]', 'discovery.exclude[0]']);
    expect(told[0]).toContain('write * for anything and {a,b} for alternatives, and leave ^ and $ out');
  });

  const noticesOfList = async (list: 'include' | 'exclude', pattern: string) => {
    const discovery = JSON.stringify({ enabled: true, environment_keys_dir: '/keys', [list]: [pattern] });
    const notices = await noticesOf(`api: {api_key: k}\ndiscovery: ${discovery}\n`, { files: { '/keys/env_1': 'e' } });
    return notices.filter((notice) => notice.includes(`discovery.${list}[0]`));
  };

  it.each([
    '^prod',
    'prod$',
    '.*',
    '.*-prod',
    '.+prod',
    'prod.+',
    'prod-\\d',
    '[a-z]+',
    '(a|b)',
    'prod|dev',
    '/prod-.*/',
  ])('is recognized: %s', async (pattern) => {
    expect(await noticesOfList('include', pattern)).toEqual([expect.stringContaining('regular expression')]);
  });

  it.each([
    'prod-*',
    'v1.*',
    'a.b',
    '[!p]*',
    '[0-9]*',
    '{prod,dev}-?',
    'team | prod',
    'a/b',
    '\\[x\\]',
    'prod!',
    'C++',
  ])('is not every glob: %s', async (pattern) => {
    expect(await noticesOfList('include', pattern)).toEqual([]);
    expect(await noticesOfList('exclude', pattern)).toEqual([]);
  });

  it('is told of an exclamation mark, too, which excludes nothing', async () => {
    expect(await noticesOfList('include', '!prod')).toEqual([
      expect.stringMatching(/begins with !, which is an ordinary .*; put what to leave out into discovery\.exclude/),
    ]);
    expect(await noticesOfList('exclude', '!prod-*')).toEqual([
      expect.stringMatching(/begins with !, .*; leave the ! out, and put what to watch into discovery\.include/),
    ]);
  });
});

describe('an environment key of two environments', () => {
  const three = (more: string) =>
    `api: {api_key: k${more}}\nenvironments:\n${['a', 'b', 'c'].map((id) => `  - {id: ${id}, environment_key_file: /${id}}\n`).join('')}`;
  const files = { '/a': 'same', '/b': 'other', '/c': 'same\n' };
  const remedy = 'give each its own: such a key reads one environment alone';

  it('is told at the second, without the key', async () => {
    expect(await noticesOf(three(''), { files })).toEqual([
      `/etc/exporter/config.yaml:5:35: environments[2].environment_key_file: the environment key of c is also that of a; ${remedy}`,
    ]);
  });

  it('is one notice about all that have it', async () => {
    const inline = ['a', 'b', 'c'].map((id) => `{id: ${id}, environment_key: e}`).join(', ');
    expect(await noticesOf(`api: {api_key: k}\nenvironments: [${inline}]`)).toEqual([
      expect.stringContaining(`the environment key of 2 environments (b, c) is also that of a; ${remedy}`),
    ]);
  });

  it('is told of the variables, too', async () => {
    const loaded = await loadEnv({ ANTHROPIC_ENVIRONMENT_ID: 'a,b', ANTHROPIC_ENVIRONMENT_KEY: 'e,e' });
    expect(loaded.ok ? loaded.notices.map(formatProblem) : []).toEqual([
      `ANTHROPIC_ENVIRONMENT_KEY: the environment key of b is also that of a; ${remedy}`,
    ]);
  });

  it('is none of a provider that may give several environments one key', async () => {
    const yaml = three(', provider: opensdlc, base_url: "https://agents.example"');
    expect(await noticesOf(yaml, { files })).toEqual([]);
  });
});

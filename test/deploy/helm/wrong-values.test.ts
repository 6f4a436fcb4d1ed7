import { beforeAll, describe, expect, it } from 'vitest';
import { CHART, type HelmResult, helmWith, template } from './helm.ts';
import { refusals, templateTogether } from './together.ts';
import { environment, KEY } from './written-values.ts';
import { REFUSED_BY_KUBERNETES, WITHOUT_EFFECT } from './wrong-objects.ts';
import { WRONG } from './wrong-values.ts';

/** Where a value is wrong, the values, and the beginning of what it must be. */
const EXPLAINED: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  ['serviceMonitor/interval', { serviceMonitor: { interval: '1.5m' } }, 'a duration in one unit, ms, s or m'],
  [
    'config/poll/stats_interval',
    { config: { poll: { stats_interval: '1s' } } },
    'a duration of at least 5s, with a unit; for example 15s',
  ],
  // To Helm, off is false.
  [
    'config/server/lifecycle',
    { config: { server: { lifecycle: false } } },
    'one of loopback, anyone, off (in quotes: "off"); for example loopback',
  ],
  [
    'config/sessions/enabled',
    { config: { sessions: { enabled: false } } },
    'one of auto, off (in quotes: "off"); for example auto',
  ],
  [
    'config/environments/0/thresholds/queue_age/warning',
    environment({ thresholds: { queue_age: { warning: 5 } } }),
    'a duration of at least 1s, with a unit, or never; for example 5m',
  ],
  [
    'config/connections/second/api_key',
    { config: { connections: { second: { api_key: 'sk-ant-api03-x' } } } },
    `\${NAME}, as a key would end up in a ConfigMap: put it into a Secret and name its file in api_key_file`,
  ],
  [
    'config/api',
    { config: { api: { provider: 'google', api_key_file: KEY } } },
    'a connection with base_url, which provider google needs; as in https://claude.googleapis.com/',
  ],
  [
    'config/api/base_url',
    { config: { api: { base_url: 'https://gw.test/v1/', api_key_file: KEY } } },
    'the address of the API without /v1 and what follows it; for example https://api.anthropic.com',
  ],
  [
    'config/connections/a/base_url',
    { config: { connections: { a: { provider: 'qoder', base_url: 'https://gw.test/api/v1/cloud' } } } },
    'the address of the API without /api/v1/cloud and what follows it; for example https://api.qoder.com',
  ],
  [
    'config/connections/a',
    {
      config: {
        connections: {
          a: { provider: 'aws', workspace_id: 'w', base_url: 'https://aws-external-anthropic.REGION.api.aws' },
        },
      },
    },
    'a connection with base_url, which provider aws needs; as in https://aws-external-anthropic.REGION.api.aws, filled in',
  ],
  [
    'config/api',
    { config: { api: { provider: 'aws', base_url: 'https://aws.test', workspace_id: null } } },
    'a connection with workspace_id, which provider aws needs',
  ],
  ['config/api', { config: { api: { api_key: `\${A}`, api_key_file: '/a' } } }, 'either with api_key or with'],
];

const ALL = [...WRONG, ...REFUSED_BY_KUBERNETES, ...WITHOUT_EFFECT];
const CASES = ALL.map(([what, values, message], index) => ({ what, values, message, index }));

describe('a wrong value', () => {
  let helm: HelmResult;
  let refused: ReadonlyMap<number, string>;
  beforeAll(() => {
    helm = templateTogether([...ALL, ...EXPLAINED].map(([, values]) => values));
    refused = refusals(helm);
  });

  it.each(CASES)('is refused by its name: $what', ({ message, index }) => {
    expect(refused.get(index)).toMatch(message);
  });

  it.each(EXPLAINED.map((row, index) => [...row, ALL.length + index] as const))(
    'is told what it must be: %s',
    (place, _, wanted, index) => {
      expect(refused.get(index)).toContain(`at '/${place}': value must be '${wanted}`);
    },
  );

  it('is told without a key, and without words of the schema, which say nothing to somebody who writes values', () => {
    expect(helm.stderr).not.toMatch(/sk-ant-(api03|oat01)-x/);
    expect(helm.stderr).not.toMatch(/'(not|anyOf|oneOf)' failed|does not match pattern|\[object/);
  });

  it.each(CASES.filter(({ index }) => index % 15 === 0))(
    'is told alike where there is no other chart: $what',
    (one) => {
      const alone = template(one.values);
      expect(alone.status).not.toBe(0);
      expect(alone.stdout).toBe('');
      expect(refusals(alone)).toEqual(new Map([[0, refused.get(one.index)]]));
    },
  );
});

it.each(['2nd', 'a.b'])('a release whose name no Service has, such as %s, is told what to set', (release) => {
  const { status, stderr } = helmWith(['template', release, CHART], {});
  expect(status).not.toBe(0);
  expect(stderr).toContain(`the Service would be called ${release}-anthropic-work-exporter`);
  expect(helmWith(['template', release, CHART], { fullnameOverride: 'queue' }).stderr).toBe('');
});

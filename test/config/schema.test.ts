import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { configurationSchema, OPTIONS } from '../../src/config/options.ts';
import { configurationExample } from '../../src/docs/options.ts';
import { MINIMAL, problemsOf } from './support.ts';

const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(configurationSchema());

/** Where the schema sees something wrong. */
function faults(yaml: string): string[] {
  validate(parse(yaml, { merge: true }));
  return (validate.errors ?? []).map(({ instancePath }) => instancePath);
}

const env = { ON: 'true', PAGES: '7', HOST: 'exporter.example.com' };

it.each([
  configurationExample(),
  MINIMAL,
  `${MINIMAL}poll:\nlog:\n`,
  `${MINIMAL}exemplars: "\${ON}"\npoll: {max_list_pages: "\${PAGES}"}`,
  `${MINIMAL}server: {allowed_hosts: ["\${HOST}"]}\nmetadata: {keys: ["\${HOST}"]}\nslo: {queue_wait_target: never}`,
  `${MINIMAL}thresholds: {queue_age: {warning: never, critical: never}, queue_depth: {warning: never}}`,
  'environments: [{id: env_1, environment_key: e}]\nconnections: {batch: , default: {api_key: k}}\napi:',
])('the schema takes what the loader takes: %#', async (yaml) => {
  const files = { '/run/secrets/api-key': 'a', '/run/secrets/prod-key': 'e' };
  expect(faults(yaml)).toEqual([]);
  expect(await problemsOf(yaml, { env, files })).toEqual([]);
});

it.each([
  ['shards: 3', ''],
  ['poll: {stats_intervall: 15s}', '/poll'],
  ['poll: {stats_interval: 15}', '/poll/stats_interval'],
  ['slo: {objective: 0.5}', '/slo/objective'],
  ['log: {level: loud}', '/log/level'],
  ['connections: {a: {base_url: "ftp://x"}}', '/connections/a/base_url'],
  ['discovery: {labels: {Tier: a}}', '/discovery/labels'],
  ['thresholds: {min_workers: .inf}', '/thresholds/min_workers'],
  ['metadata: {keys: [team, team]}', '/metadata/keys'],
  ['discovery: {include: []}', '/discovery/include'],
])('refuses %s, as check does', async (line, path) => {
  expect(faults(`${MINIMAL}${line}`)).toContain(path);
  expect(await problemsOf(`${MINIMAL}${line}`)).not.toEqual([]);
});

it.each(['environments: [{name: x}]', 'environments: [5]', '[]'])('refuses %s', (yaml) =>
  expect(faults(yaml)).not.toEqual([]),
);

it('every option has a description, a type and a default that it takes itself; keys are secret, and nothing else is', () => {
  for (const { path, option } of OPTIONS) {
    expect(option.description, path).not.toBe('');
    expect(option.kind, path).not.toContain('undefined');
    if (option.default !== undefined) expect(faultsOf(path, option.default), path).toEqual([]);
  }
  const secrets = OPTIONS.filter(({ option }) => option.secret).map(({ path }) => path);
  expect(secrets).toEqual(['connections.*.api_key', 'api.api_key', 'environments[].environment_key']);
});

function faultsOf(path: string, value: unknown): string[] {
  const steps = path.replaceAll('*', 'name').split('.');
  const tree = steps.reduceRight<unknown>(
    (below, step) =>
      step.endsWith('[]') ? { [step.slice(0, -2)]: [{ id: 'env_1', ...(below as object) }] } : { [step]: below },
    value,
  );
  return faults(JSON.stringify(tree));
}

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { eachOption } from '../../../src/config/file/option-tree.ts';
import { configurationSchema } from '../../../src/config/load/configuration-schema.ts';
import { configurationExample } from '../../../src/docs/configuration-example.ts';
import { MINIMAL, problemsOf } from '../support.ts';

// Infinity, which YAML has and JSON has not, is a number as it is for editors.
const options = { strict: true, strictNumbers: false, allowUnionTypes: true, allErrors: true };
const validate = new Ajv2020(options).compile(configurationSchema());

/** Where the schema sees something wrong. */
function faults(yaml: string): string[] {
  validate(parse(yaml, { merge: true }));
  return (validate.errors ?? []).map(({ instancePath }) => instancePath);
}

describe('the JSON Schema', () => {
  it('accepts the whole example', () => expect(faults(configurationExample())).toEqual([]));

  it.each([
    MINIMAL,
    `${MINIMAL}poll:\nlog:\n`,
    `${MINIMAL}exemplars: "\${ON}"\npoll: {max_list_pages: "\${PAGES}"}`,
    `${MINIMAL}server: {allowed_hosts: ["\${HOST}"]}\nmetadata: {keys: ["\${HOST}"]}\nslo: {queue_wait_target: never}`,
    `${MINIMAL}thresholds: {queue_age: {warning: .inf, critical: .inf}, queue_depth: {warning: .inf}}\nscaling: {max_workers: .inf}`,
    'environments: [{id: env_1, environment_key: e}]\nconnections: {batch: , default: {api_key: k}}\napi:',
  ])('accepts %j, as check does', async (yaml) => {
    expect(faults(yaml)).toEqual([]);
    const env = { ON: 'true', PAGES: '7', HOST: 'exporter.example.com' };
    expect(await problemsOf(yaml, { env })).toEqual([]);
  });

  // Where both judge, the schema and `check` agree.
  it.each([
    ['shard: three', '/shard'],
    ['shards: 3', ''],
    ['poll: {stats_intervall: 15s}', '/poll'],
    ['poll: {stats_interval: 15}', '/poll/stats_interval'],
    ['poll: {stats_interval: 15 s}', '/poll/stats_interval'],
    ['poll: {stats_interval: 4s}', '/poll/stats_interval'],
    ['poll: {stats_interval: 4999ms}', '/poll/stats_interval'],
    ['poll: {stats_interval: 4s500ms}', '/poll/stats_interval'],
    ['connections: {a: {timeout: 10m1ms}}', '/connections/a/timeout'],
    ['connections: {a: {timeout: 11m}}', '/connections/a/timeout'],
    ['connections: {a: {timeout: 1h30m}}', '/connections/a/timeout'],
    ['connections: {a: {timeout: 99ms}}', '/connections/a/timeout'],
    ['thresholds: {queue_age: {warning: 0s}}', '/thresholds/queue_age/warning'],
    ['discovery: {interval: 0h}', '/discovery/interval'],
    ['slo: {objective: 0.5}', '/slo/objective'],
    ['log: {level: loud}', '/log/level'],
    ['connections: {a: {base_url: "ftp://x"}}', '/connections/a/base_url'],
    ['connections: {default: {}}', ''],
    ['connections: {b: {api_key: a, api_key_file: b}}', '/connections/b'],
    ['discovery: {labels: {Tier: a}}', '/discovery/labels'],
    ['thresholds: {queue_depth: {warning: often}}', '/thresholds/queue_depth/warning'],
    ['thresholds: {queue_age: {warning: .nan}}', '/thresholds/queue_age/warning'],
    ['thresholds: {queue_age: {warning: 1e308}}', '/thresholds/queue_age/warning'],
    ['thresholds: {min_workers: .inf}', '/thresholds/min_workers'],
    ['state_file: .inf', '/state_file'],
    ['server: {allowed_hosts: ["a b"]}', '/server/allowed_hosts/0'],
    ['metadata: {keys: [team, team]}', '/metadata/keys'],
    ['discovery: {include: []}', '/discovery/include'],
  ])('refuses %s, as check does', async (line, path) => {
    expect(faults(`${MINIMAL}${line}`)).toContain(path);
    expect(await problemsOf(`${MINIMAL}${line}`)).not.toEqual([]);
  });

  it.each(['environments: [{name: x}]', 'environments: [{id: poll}]', 'environments: [5]', '[]'])(
    'refuses %s',
    (yaml) => expect(faults(yaml)).not.toEqual([]),
  );

  it('describes every option and shows its default', () => {
    const text = JSON.stringify(configurationSchema());
    eachOption((_, option) => {
      expect(text).toContain(JSON.stringify(option.help).slice(1, -1));
      if (option.default !== undefined) expect(text).toContain(`"default":${JSON.stringify(option.default)}`);
    });
  });
});

describe('the options table', () => {
  it('has only defaults that its own types accept', () => {
    eachOption((path, { type, default: fallback }) => {
      if (fallback !== undefined) expect(type.schema.safeParse(fallback).success, path).toBe(true);
    });
  });

  it('marks every key as a secret, and nothing else', () => {
    const secrets: string[] = [];
    eachOption((path, option) => {
      if (option.secret) secrets.push(path);
    });
    expect(secrets).toEqual(['connections.*.api_key', 'api.api_key', 'environments[].environment_key']);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configurationSchema } from '../../../src/config/load/configuration-schema.ts';
import { DURATION_PATTERN } from '../../../src/config/options/duration.ts';
import { ENVIRONMENT_ID } from '../../../src/config/options/environment-options.ts';
import { chartSchema } from '../../../src/deploy/chart-schema.ts';
import { re2Pattern, UnknownLookaroundError } from '../../../src/deploy/re2-pattern.ts';
import { VALUES_ELSEWHERE } from '../../../src/deploy/values-elsewhere.ts';
import { CHART, template } from './helm.ts';

describe('the schema of the values', () => {
  const schema = chartSchema();

  it('knows every value of values.yaml, and no other', () => {
    const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
    const others = ['global', 'enabled', ...Object.keys(VALUES_ELSEWHERE)];
    const known = Object.keys(schema.properties as object).filter((key) => !others.includes(key));
    expect(Object.keys(values).toSorted()).toEqual(known.toSorted());
  });

  it('names a value of values.yaml for each that other charts have', () => {
    const values = Object.keys(parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')));
    const { stderr } = template(Object.fromEntries(Object.keys(VALUES_ELSEWHERE).map((name) => [name, { a: 1 }])));
    for (const name of Object.keys(VALUES_ELSEWHERE)) {
      const [, instead] = new RegExp(`at '/${name}': value must be 'left out: (.*)'`).exec(stderr) ?? [];
      expect(
        values.filter((value) => instead?.split(/[ ,]/).includes(value)),
        name,
      ).toHaveLength(1);
    }
  });

  it('has no pattern that Go cannot read', () => {
    const patterns: string[] = [];
    JSON.stringify(schema, (key, value) => {
      if (key === 'pattern') patterns.push(value);
      return value;
    });
    expect(patterns.length).toBeGreaterThan(30);
    expect(patterns.filter((pattern) => /\(\?<?[=!]|\\u|\\p\{[A-Za-z_]{3,}/.test(pattern))).toEqual([]);
  });

  it.each([
    [`^${DURATION_PATTERN}$`, ['', '5', '5m', '5ms', '1m5s', '1h30m', 's', '5m5ms', '5s5m', '-5s', '1y1w1d1h1m1s1ms']],
    [`^(?:never|${DURATION_PATTERN})$`, ['', 'never', 'never5s', '5s', '5ms', 'm']],
    [ENVIRONMENT_ID.source, ['env_1', 'poll', 'polls', 'stats', 'sk-ant-x', 'xsk-ant-', '', 'a'.repeat(129)]],
    ['^(?!__)[a-z_][a-z0-9_]*$', ['a', '_a', '__a', '', '1a']],
    ['^(?=.{1,5}$)a+$', ['', 'a', 'aaaaa', 'aaaaaa']],
    ['^(?=.{1,5}$)(?!ab)a[b-d]*$', ['a', 'ab', 'ac', 'acccc', 'accccc']],
  ])('takes the same strings as the pattern %s', (pattern, texts) => {
    const ajv = new Ajv2020({ strict: false });
    const check = ajv.compile({ type: 'string', ...re2Pattern(pattern) });
    const taken = texts.filter((one) => check(one));
    expect(taken).toEqual(texts.filter((one) => new RegExp(pattern, 'u').test(one)));
    expect(taken.length).toBeGreaterThan(0);
  });

  it('stops at a pattern that it cannot rewrite', () => {
    expect(() => re2Pattern('^a(?!b)')).toThrow(UnknownLookaroundError);
    expect(() => re2Pattern('^(?=a(?=b))a')).toThrow(UnknownLookaroundError);
  });

  it("takes every option that the exporter's own schema takes", () => {
    const own = Object.keys(configurationSchema().properties as object);
    const { config } = schema.properties as { config: { properties: object } };
    expect(Object.keys(config.properties)).toEqual(own);
  });
});

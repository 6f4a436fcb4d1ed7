import { describe, expect, it } from 'vitest';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { PROMTOOL } from './support/promtool.ts';
import { runTables } from './support/run-tables.ts';
import { TABLES } from './tables/all-tables.ts';

const groups = ruleGroups(DEFAULT_RULE_OPTIONS);

describe(`each rule by itself, in ${PROMTOOL}`, () => {
  it.concurrent.each(Object.entries(TABLES))('%s', { timeout: 900_000 }, async (_part, tables) => {
    const { ok, output } = await runTables(tables, groups, PROMTOOL);
    expect(ok, output).toBe(true);
  });
});

import { expect, it } from 'vitest';
import { ConditionLog } from '../../src/app/condition-log.ts';
import type { LogFields } from '../../src/base/logger.ts';
import { type Condition, NO_REPORT } from '../../src/diagnosis/report.ts';
import { buildCondition, HOLDS } from '../support/reports.ts';
import { NOW } from '../support/states.ts';

function createLog(startedAt = NOW - 3_600_000) {
  const lines: LogFields[] = [];
  const write = (level: string) => (fields: LogFields) => void lines.push({ level, ...fields });
  const log = new ConditionLog({ info: write('info'), warn: write('warn') }, startedAt);
  /** The lines after a look that found these, of environments in this order, and whether there is news. */
  const look = (...conditions: readonly Condition[]) => {
    lines.length = 0;
    const environments = new Map(conditions.map((one, index) => [`${index}`, [one]]));
    const hasNews = log.note({ ...NO_REPORT, at: NOW, environments });
    expect(hasNews).toBe(lines.length > 0);
    return [...lines];
  };
  return look;
}

const holds = (n: number) =>
  buildCondition({ ...HOLDS, subject: { kind: 'environment', id: `env_${n}`, name: `n${n}`, connection: 'default' } });

it('a condition has a line when it begins, and one when it ends, and none between while nobody can tell', () => {
  const look = createLog();
  const line = {
    condition: 'no_workers',
    severity: 'critical',
    connection: 'default',
    environment_id: 'env_1',
    environment_name: 'n1',
    since: new Date(HOLDS.holdsFrom).toISOString(),
    evidence: HOLDS.evidence,
  };
  expect(look(buildCondition())).toEqual([]);
  expect(look(holds(1))).toEqual([{ level: 'warn', event: 'condition.began', ...line }]);
  expect(look(holds(1))).toEqual([]);
  expect(look({ ...holds(1), value: null })).toEqual([]);
  expect(look({ ...holds(1), value: 0, phase: 'clear' })).toMatchObject([{ level: 'info', event: 'condition.ended' }]);
});

it('a condition of an environment that is gone has ended', () => {
  const look = createLog();
  look(holds(1));
  expect(look()).toMatchObject([{ event: 'condition.ended', environment_id: 'env_1' }]);
});

it('conditions that begin in many environments at once share a line', () => {
  const look = createLog();
  const many = Array.from({ length: 300 }, (_, n) => holds(n));
  const [line, ...others] = look(...many);
  expect(others).toEqual([]);
  expect(line).toMatchObject({ event: 'condition.began', environments: 300, condition: 'no_workers' });
  expect(line!.environment_ids).toHaveLength(200);
});

it('what held before the start was logged then, and its end is logged now', () => {
  const look = createLog(NOW);
  expect(look(holds(1))).toEqual([]);
  expect(look({ ...holds(1), phase: 'clear', value: 0 })).toMatchObject([{ event: 'condition.ended' }]);
});

import { describe, expect, it } from 'vitest';
import type { ConditionName } from '../../src/diagnosis/conditions.ts';
import type { Condition, DiagnosisReport } from '../../src/diagnosis/report.ts';
import { Pager } from '../../src/rehearse/pager.ts';

function report(name: ConditionName, value: Condition['value']): DiagnosisReport {
  const subject = { kind: 'environment', id: 'env_1', name: 'prod', connection: 'default' } as const;
  const rest = {
    isRecent: true,
    phase: 'holds',
    since: 0,
    holdsFrom: 0,
    evidence: '',
    explainedBy: null,
    environments: [],
  } as const;
  return {
    at: 0,
    environments: new Map([['env_1', [{ name, severity: 'critical', subject, value, ...rest }]]]),
    connections: new Map(),
  };
}

function fires(pager: Pager, at: number): boolean {
  return pager.firing(at).size > 0;
}

/** Scrapes each half minute up to `to`. */
function scrapes(
  pager: Pager,
  instance: string,
  [from, to]: readonly [number, number],
  said: DiagnosisReport | null,
): void {
  for (let at = from; at <= to; at += 30) pager.scrape(at, instance, said);
}

describe('what the shipped rules make of the conditions', () => {
  it('fires at once, and goes on for half an hour while nobody says anything', () => {
    const pager = new Pager();
    pager.scrape(0, 'a', report('no_workers', 1));
    expect(fires(pager, 1)).toBe(true);
    scrapes(pager, 'a', [30, 3600], null);
    expect([60, 1200, 1799, 1999].map((at) => fires(pager, at))).toEqual([true, true, true, false]);
  });

  it('ends when one that knows says so, and not by one that does not know', () => {
    const pager = new Pager();
    pager.scrape(0, 'a', report('no_workers', 1));
    expect(fires(pager, 1)).toBe(true);
    scrapes(pager, 'a', [30, 600], report('no_workers', null));
    expect(fires(pager, 601)).toBe(true);
    pager.scrape(630, 'a', report('no_workers', 0));
    expect(fires(pager, 750)).toBe(false);
  });

  it('does not hear a replica any more that has been replaced', () => {
    const pager = new Pager();
    scrapes(pager, 'a', [0, 60], report('no_workers', 1));
    pager.scrape(90, 'a', null);
    scrapes(pager, 'b', [90, 900], report('no_workers', 0));
    expect(fires(pager, 901)).toBe(false);
    pager.scrape(930, 'b', null);
    expect(fires(pager, 1050)).toBe(false);
  });

  it.each([
    ['no_workers', true],
    ['not_readable', false],
  ] as const)('%s with two replicas of which one says so', (name, expected) => {
    const pager = new Pager();
    for (const b of [0, 1] as const) {
      pager.scrape(b * 120, 'a', report(name, 1));
      pager.scrape(b * 120, 'b', report(name, b));
      expect(fires(pager, b * 120 + 10)).toBe(b === 1 || expected);
    }
  });
});

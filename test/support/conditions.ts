import type { Condition } from '../../src/diagnosis/report.ts';
import { NOW } from './states.ts';

/** A condition of `env_1` that was judged, and is not so. */
export function buildCondition(change: Partial<Condition> = {}): Condition {
  return {
    name: 'no_workers',
    severity: 'critical',
    subject: { kind: 'environment', id: 'env_1', name: 'prod', connection: 'default' },
    phase: 'clear',
    value: 0,
    isRecent: false,
    since: null,
    holdsFrom: null,
    evidence: '',
    explainedBy: null,
    environments: ['env_1'],
    ...change,
  };
}

/** What makes it hold, since a minute before `NOW`. */
export const HOLDS = {
  phase: 'holds',
  value: 1,
  isRecent: true,
  since: NOW - 120_000,
  holdsFrom: NOW - 60_000,
  evidence: '7 items wait',
} as const satisfies Partial<Condition>;

import type { Condition, DiagnosisReport } from '../../src/diagnosis/report.ts';
import { NOW } from './states.ts';

/** The alert about missing workers of `env_NAME` that has fired for four minutes, but for `change`. */
export function condition(name: string, change: Partial<Condition> = {}): Condition {
  return {
    name: 'no_workers',
    severity: 'critical',
    subject: { kind: 'environment', id: `env_${name}`, name, connection: 'default' },
    phase: 'holds',
    value: 1,
    isRecent: true,
    since: NOW - 300_000,
    holdsFrom: NOW - 240_000,
    evidence: '3 items wait, the oldest for 5m 12s; nobody polls',
    explainedBy: null,
    environments: [`env_${name}`],
    ...change,
  };
}

/** The API cannot be read through a connection; these environments are unseen. */
export function ofConnection(
  name: string,
  environments: readonly string[],
  change: Partial<Condition> = {},
): Condition {
  const subject = { kind: 'connection', name } as const;
  const evidence = `${environments.length} of ${environments.length} environments`;
  return condition('', { name: 'api_unreachable', subject, evidence, environments, ...change });
}

/** Found, and its alert fires in a minute. */
export const PENDING = { phase: 'pending', value: 0, since: NOW - 60_000, holdsFrom: NOW + 60_000 } as const;

/** Found, and no_workers says why. */
export const EXPLAINED = {
  phase: 'explained',
  value: 0,
  holdsFrom: null,
  explainedBy: { name: 'no_workers', severity: 'critical' },
} as const;

/** Judged, and not so. */
export const CLEAR = { phase: 'clear', value: 0, since: null, holdsFrom: null, evidence: '' } as const;

/** Of a look at `NOW`. */
export function reportOf(...conditions: readonly Condition[]): DiagnosisReport {
  const environments = new Map<string, Condition[]>();
  const connections = new Map<string, Condition[]>();
  for (const one of conditions) {
    const { subject } = one;
    const [all, key] = subject.kind === 'environment' ? [environments, subject.id] : [connections, subject.name];
    all.set(key, [...(all.get(key) ?? []), one]);
  }
  return { at: NOW, environments, connections };
}

/** The same, and every environment is judged: nothing else is wrong with it. */
export function withClear({ environments, ...report }: DiagnosisReport, names: readonly string[]): DiagnosisReport {
  const clear = names.map((name): [string, Condition[]] => {
    const known = environments.get(`env_${name}`) ?? [];
    return [`env_${name}`, [...known, condition(name, { name: 'runs_too_short', severity: 'warning', ...CLEAR })]];
  });
  return { ...report, environments: new Map([...environments, ...clear]) };
}

/** A condition of `env_1` that was judged, and is not so. */
export function buildCondition(change: Partial<Condition> = {}): Condition {
  const subject = { kind: 'environment', id: 'env_1', name: 'prod', connection: 'default' } as const;
  return condition('1', { ...CLEAR, subject, isRecent: false, ...change });
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

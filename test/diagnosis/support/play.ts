import { CONDITIONS, type ConditionDefinition } from '../../../src/diagnosis/conditions.ts';
import { Diagnosis, type DiagnosisMemory } from '../../../src/diagnosis/diagnosis.ts';
import type { Condition, DiagnosisReport } from '../../../src/diagnosis/report.ts';
import { FactsOfSeries, type Seen } from './facts-of-series.ts';
import { STEP_MINUTES } from './lines.ts';
import type { Situation } from './situation.ts';

/** One alert, and from when to when it fires. */
export interface Fired {
  /** `name/severity` */
  readonly key: string;
  readonly kind: 'environment' | 'connection';
  /** The id of the environment, or the name of the connection. */
  readonly subject: string;
  readonly spells: { readonly from: number; to: number }[];
}

const LOOK_MINUTES = 0.25;
/** The rules take what was said last within three minutes, or else, while nobody says anything, within thirty. */
const LOOK_BACKS = [3, 30];

interface Exporter {
  readonly instance: string;
  readonly facts: FactsOfSeries;
  diagnosis: Diagnosis;
  kept: DiagnosisMemory | null;
  goneSince: number | null;
  started: number | null;
  seen: Seen | null;
  report: DiagnosisReport | null;
}

interface Samples {
  readonly condition: Condition;
  readonly byInstance: Map<string, { readonly at: number; readonly value: 0 | 1 }>;
  readonly fired: Fired;
}

export interface PlayOptions {
  /** False: nothing outlives a restart. */
  readonly hasStateFile?: boolean;
  readonly log?: (line: string) => void;
}

/** Plays a situation: each exporter looks four times a minute, Prometheus scrapes them and evaluates the rules twice. */
export function play(situation: Situation, { hasStateFile = true, log }: PlayOptions = {}): readonly Fired[] {
  const { series, minutes, scrapeMinutes = STEP_MINUTES, restart } = situation;
  const exporters = [...Map.groupBy(series, ({ labels }) => labels.instance ?? 'a')].map(
    ([instance, own]): Exporter => ({
      ...{ instance, facts: new FactsOfSeries(own), diagnosis: new Diagnosis() },
      ...{ kept: null, goneSince: null, started: null, seen: null, report: null },
    }),
  );
  const samples = new Map<string, Samples>();
  for (let minute = 0; minute <= minutes; minute += LOOK_MINUTES) {
    const isAway = restart !== undefined && minute >= restart[0] && minute < restart[1];
    for (const one of exporters) look(one, minute, hasStateFile);
    if (!isAway && minute % scrapeMinutes === 0)
      for (const one of exporters) if (one.seen !== null) scrape(samples, one, minute, log);
    if (!isAway && minute % STEP_MINUTES === 0) for (const one of samples.values()) evaluate(one, minute);
  }
  return [...samples.values()].map(({ fired }) => fired).filter(({ spells }) => spells.length > 0);
}

function look(one: Exporter, minute: number, hasStateFile: boolean): void {
  // Situations change twice a minute.
  if (minute % STEP_MINUTES === 0) one.seen = one.facts.at(minute);
  if (one.seen === null) {
    one.goneSince ??= minute;
    one.report = null;
    return;
  }
  const wasGone = one.goneSince !== null && minute - one.goneSince >= 1;
  if (wasGone || (one.started !== null && one.started !== one.seen.started)) {
    one.diagnosis = new Diagnosis(hasStateFile ? one.kept : null);
  }
  one.goneSince = null;
  one.started = one.seen.started;
  one.report = one.diagnosis.look(minute * 60_000, one.seen.environments, one.seen.connections);
  one.kept = JSON.parse(JSON.stringify(one.diagnosis.memory())) as DiagnosisMemory;
}

function scrape(samples: Map<string, Samples>, one: Exporter, minute: number, log?: (line: string) => void): void {
  const { environments, connections } = one.report!;
  for (const condition of [...environments.values(), ...connections.values()].flat()) {
    const { name, severity, subject, value } = condition;
    if (value === null) continue;
    const id = subject.kind === 'environment' ? subject.id : subject.name;
    const key = `${subject.kind} ${id} ${name}/${severity}`;
    const fired = { key: `${name}/${severity}`, kind: subject.kind, subject: id, spells: [] };
    const known = samples.get(key) ?? { condition, byInstance: new Map(), fired };
    if (log !== undefined && (known.byInstance.get(one.instance)?.value ?? 0) !== value)
      log(`${minute} ${one.instance} ${key} = ${value} ${condition.evidence} ${condition.explainedBy?.name ?? ''}`);
    samples.set(key, known);
    known.byInstance.set(one.instance, { at: minute, value });
  }
}

function evaluate({ condition, byInstance, fired }: Samples, minute: number): void {
  const within = LOOK_BACKS.map((back) => [...byInstance.values()].filter(({ at }) => at > minute - back));
  const values = (within.find((all) => all.length > 0) ?? []).map(({ value }) => value);
  const { replicas }: ConditionDefinition = CONDITIONS[condition.name];
  const isFiring = values.length > 0 && (replicas === 'all' ? Math.min(...values) : Math.max(...values)) === 1;
  const last = fired.spells.at(-1);
  if (isFiring && last?.to !== Infinity) fired.spells.push({ from: minute, to: Infinity });
  if (!isFiring && last?.to === Infinity) last.to = minute;
}

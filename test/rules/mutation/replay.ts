import { AlertInstances } from '../../../src/conditions/evaluation/alert-instances.ts';
import type { CompiledRule } from '../../../src/conditions/evaluation/compile-rules.ts';
import { vectorOf } from '../../../src/promql/evaluate.ts';
import type { LabelSet } from '../../../src/promql/store/label-set.ts';
import type { Vector } from '../../../src/promql/vector.ts';
import { isAlert } from '../../../src/rules/parts/rule.ts';
import { MutatedStore } from './mutated-store.ts';
import { ask, everySeries, isFiring, type Play, type Recording } from './play.ts';

const PENDING = { values: { alertstate: 'pending' } };
const FIRING = { values: { alertstate: 'firing' } };

interface Again {
  readonly rules: readonly CompiledRule[];
  /** By index: the rules that are evaluated again, as they are or edited. */
  readonly anew: ReadonlyMap<number, CompiledRule>;
}

/** Evaluates some rules again over what was recorded of all of them. */
class Replay {
  readonly #recording: Recording;
  readonly #store: MutatedStore;
  readonly #running;

  constructor(recording: Recording, { rules, anew }: Again) {
    this.#recording = recording;
    this.#store = new MutatedStore(recording.store, rules, new Set(anew.keys()));
    this.#running = [...anew]
      .toSorted(([one], [other]) => one - other)
      .map(([at, compiled]) => ({
        ...compiled,
        at,
        alerts: isAlert(compiled.rule) ? new AlertInstances(compiled.rule) : null,
        seen: this.#store.seenBy(at),
      }));
  }

  /** What the rules that are evaluated again record at this minute; what they fire is in `fired`. */
  evaluate(minute: number): readonly { readonly record: string; readonly vector: Vector }[] {
    const now = minute * 60_000;
    return this.#running.flatMap(({ at, rule, expr, intervalMs, alerts, seen }) => {
      if (now % intervalMs !== 0) return [];
      // A recording rule that fails records nothing, which differs from what was recorded.
      const vector = ask(() => vectorOf(expr, { store: seen, at: now })) ?? (isAlert(rule) ? null : []);
      if (vector === null) return [];
      alerts?.update(vector, now);
      const told = (alerts?.active ?? []).map((one) => one.labels.with(isFiring(one) ? FIRING : PENDING));
      this.#store.fired(at, new Set(told), now);
      if (isAlert(rule)) return [];
      this.#store.recorded(rule.record, now, vector);
      return { record: rule.record, vector };
    });
  }

  get fired(): readonly LabelSet[] {
    return this.#running.flatMap(({ alerts }) => (alerts?.active ?? []).filter(isFiring)).map(({ labels }) => labels);
  }

  /** What fired at this minute of other rules, or of these. */
  recorded(minute: number, isOfThese: boolean): readonly LabelSet[] {
    const these = new Set(this.#running.map(({ at }) => at));
    return this.#recording.fired
      .get(minute)!
      .filter(({ rule }) => these.has(rule) === isOfThese)
      .map(({ labels }) => labels);
  }
}

/** What fires when some rules are others. */
export function replay(play: Play, recording: Recording, again: Again): ReadonlyMap<number, readonly LabelSet[]> {
  const run = new Replay(recording, again);
  return new Map(
    play.minutes.map((minute) => {
      run.evaluate(minute);
      return [minute, [...run.recorded(minute, false), ...run.fired]];
    }),
  );
}

/** Whether these rules, by themselves, record and fire what was recorded: then no other rule can differ, either. */
export function isTheSame(play: Play, recording: Recording, again: Again): boolean {
  const run = new Replay(recording, again);
  return play.minutes.every((minute) => {
    const recorded = run.evaluate(minute);
    return (
      recorded.every(({ record, vector }) => isRecorded(recording, minute * 60_000, record, vector)) &&
      haveSameMembers(run.recorded(minute, true), run.fired)
    );
  });
}

function isRecorded({ store }: Recording, at: number, record: string, vector: Vector): boolean {
  const before = new Map(
    store
      .select(everySeries(record))
      .map((series) => [series.labels, series.valueAt(at)] as const)
      .filter(([, value]) => value !== null && !Number.isNaN(value)),
  );
  return before.size === vector.length && vector.every(({ labels, value }) => before.get(labels) === value);
}

function haveSameMembers(one: readonly LabelSet[], other: readonly LabelSet[]): boolean {
  return one.length === other.length && new Set([...one, ...other]).size === new Set(one).size;
}

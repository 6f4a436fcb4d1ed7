import type { EpochMs } from '../base/clock.ts';
import type { Severity } from '../domain/environment.ts';
import type { ConditionDefinition, ConditionKind, Timing } from './conditions.ts';
import type { TrackState } from './memory.ts';
import type { Condition, ConditionPhase, ConditionSubject } from './report.ts';
import type { Verdict } from './verdict.ts';

/** A cause explains what outlives it for so long after it was last found. */
const AFTERMATH_MS = { critical: 600_000, warning: 1_200_000 };
/** What was told twice within this time is held for some minutes beyond each end, so that there is no third time. */
const FLAPPING_WITHIN_MS = 2_700_000;
const FLAPPING_HOLD_MS = 420_000;
/** What nobody could tell for so long is not said to be well any more. */
const UNKNOWN_MS = 180_000;

const NEW: TrackState = {
  ...{ isFound: null, sinceMs: 0, knownMs: 0, ripensMs: null, value: null, valueSinceMs: 0 },
  ...{ toldMs: null, beginsMs: [], evidence: '', members: [], explainedBy: null },
};

/** A kind of condition with all that a track needs to know of it. */
export interface TrackedKind {
  readonly kind: ConditionKind;
  readonly key: string;
  readonly definition: ConditionDefinition;
  readonly timing: Timing;
}

/**
 * One severity of a condition of one subject over time: verdicts go in, and what is said of it comes out. A finding holds
 * when it has lasted, and ends when it has been gone for long enough. After a start nothing is said until either is so:
 * what was said before goes on meanwhile.
 */
export class Track {
  readonly of: TrackedKind;
  #state: TrackState;
  /** Null while the same as `members` has not been asked for. */
  #members: ReadonlySet<string> | null = null;
  #isDoubtful = false;
  #shown: Condition | null = null;

  constructor(of: TrackedKind, state: TrackState = NEW) {
    this.of = of;
    this.#state = { ...state };
  }

  get state(): TrackState {
    return this.#state;
  }

  get isFound(): boolean {
    return this.#state.isFound === true;
  }

  get isTold(): boolean {
    return this.#state.value === 1;
  }

  /** It holds, or will soon unless it goes away; not what something else explains. */
  isOpen(now: EpochMs): boolean {
    const { value, isFound, explainedBy, knownMs } = this.#state;
    return value === 1 || (isFound === true && explainedBy === null && now - knownMs < 60_000);
  }

  /** It holds, or did some minutes ago. */
  explainsAftermath(now: EpochMs, severity: Severity): boolean {
    const { toldMs } = this.#state;
    return this.isOpen(now) || (toldMs !== null && now - toldMs < AFTERMATH_MS[severity]);
  }

  hides(id: string): boolean {
    this.#members ??= new Set(this.#state.members);
    return this.#members.has(id);
  }

  /** Since somebody was last told of it; Infinity if nobody was. */
  goneSeconds(now: EpochMs): number {
    const { toldMs } = this.#state;
    return toldMs === null ? Infinity : (now - toldMs) / 1000;
  }

  /** Takes in what a look found. What it means is settled when its causes are known. */
  note(now: EpochMs, verdict: Verdict): void {
    const state = this.#state;
    if (verdict === 'off') this.#turnOff(now);
    if (verdict === 'unknown' && state.value === 0 && now - state.knownMs > UNKNOWN_MS) state.value = null;
    if (verdict === 'off' || verdict === 'unknown') return;
    const isFound = verdict !== 'no';
    if (state.isFound !== isFound) Object.assign(state, { isFound, sinceMs: now });
    state.knownMs = now;
    if (verdict === 'no') return;
    state.evidence = verdict.evidence;
    this.#isDoubtful = verdict.isDoubtful === true;
    const members = verdict.members ?? [];
    if (members.length === 0 && state.members.length === 0) return;
    state.members = members.toSorted();
    this.#members = null;
  }

  /** @param cause what explains it, if anything does; told stays told */
  settle(now: EpochMs, cause: Track | null): void {
    const state = this.#state;
    if (state.knownMs !== now) return;
    if (state.isFound) {
      const isExplained = cause !== null && state.value !== 1;
      state.explainedBy = isExplained ? cause.of.key : null;
      // A cause that is not certain yet does not delay what it may turn out not to explain.
      state.ripensMs = isExplained && cause.isTold ? null : (state.ripensMs ?? now);
      if (isExplained && state.value !== null) state.value = 0;
      if (isExplained || this.#isDoubtful || state.ripensMs === null) return;
      if (now - state.ripensMs >= this.of.timing.lasts * 1000) this.#tell(now);
      return;
    }
    state.explainedBy = null;
    state.ripensMs = null;
    if (state.value !== 0 && now - state.sinceMs >= this.#holdsOnMs(now)) {
      Object.assign(state, { value: 0, valueSinceMs: now });
    }
  }

  /** Its subject is gone: what was said of it is over. */
  leave(now: EpochMs): void {
    const { value } = this.#state;
    Object.assign(this.#state, {
      isFound: false,
      knownMs: now,
      ripensMs: null,
      explainedBy: null,
      value: value === null ? null : 0,
    });
    if (value === 1) this.#state.valueSinceMs = now;
  }

  /** @param ids its own, of an environment */
  show(subject: ConditionSubject, ids: readonly string[]): Condition {
    const { isFound, sinceMs, value, valueSinceMs, ripensMs, evidence, members, explainedBy } = this.#state;
    const phase = this.#phase;
    const before = this.#shown;
    if (phase === 'clear' && before?.phase === 'clear' && before.value === value && before.subject === subject)
      return before;
    const { kind, timing } = this.of;
    this.#shown = {
      ...kind,
      subject,
      phase,
      value,
      since: phase === 'clear' ? null : sinceMs,
      holdsFrom: value === 1 ? valueSinceMs : phase === 'pending' && isFound ? ripensMs! + timing.lasts * 1000 : null,
      evidence: phase === 'clear' ? '' : evidence,
      explainedBy: explainedBy === null ? null : kindOf(explainedBy),
      environments: subject.kind === 'environment' ? ids : members,
    };
    return this.#shown;
  }

  get #phase(): ConditionPhase {
    const { isFound, value, explainedBy, ripensMs } = this.#state;
    if (value === 1) return isFound ? 'holds' : 'ending';
    if (!isFound) return 'clear';
    return explainedBy === null && ripensMs !== null ? 'pending' : 'explained';
  }

  #tell(now: EpochMs): void {
    const state = this.#state;
    state.toldMs = now;
    if (state.value === 1) return;
    const beginsMs = [...state.beginsMs.filter((at) => at > now - FLAPPING_WITHIN_MS), now];
    Object.assign(state, { value: 1, valueSinceMs: now, beginsMs });
  }

  #holdsOnMs(now: EpochMs): number {
    const { value, beginsMs } = this.#state;
    const endsMs = this.of.timing.ends * 1000;
    if (value === null) return Math.min(endsMs, UNKNOWN_MS);
    const isFlapping = beginsMs.filter((at) => at > now - FLAPPING_WITHIN_MS).length > 1;
    return endsMs + (isFlapping ? FLAPPING_HOLD_MS : 0);
  }

  /** An option switched it off: if it was ever told, its end must be. */
  #turnOff(now: EpochMs): void {
    if (this.#state.beginsMs.length === 0) this.#state = { ...NEW };
    else this.leave(now);
  }
}

export function kindOf(key: string): ConditionKind {
  const [name, severity] = key.split('/');
  return { name, severity } as ConditionKind;
}

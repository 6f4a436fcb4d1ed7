import { z } from 'zod';
import type { EpochMs } from '../base/clock.ts';
import type { ConditionKind, TrackedKind } from './conditions.ts';
import type { Condition, ConditionPhase, ConditionSubject } from './report.ts';

/**
 * What a look says of one condition. `unknown`: nobody can tell now, so that it neither begins nor ends. `off`: an option
 * says that nobody wants to know.
 */
export type Verdict = Finding | 'no' | 'unknown' | 'off';

export interface Finding {
  /** The numbers that it was judged by, in words. */
  readonly evidence: string;
  /** Of a condition of a connection: the environments that it hides. */
  readonly members?: readonly string[];
  /** It hides its members until it is certain, and is not told before. */
  readonly isDoubtful?: boolean;
}

/** A cause explains what outlives it for so long after it was last found. */
const AFTERMATH_MS = { critical: 600_000, warning: 1_200_000 };
/** What was told twice within this time is held for some minutes beyond each end, so that there is no third time. */
const FLAPPING_WITHIN_MS = 2_700_000;
const FLAPPING_HOLD_MS = 420_000;
/** For so long after its end it is still said that it is over: longer than the rules remember what was said last. */
const RECENT_MS = 2_100_000;
/** What nobody could tell for so long is not said to be well any more. */
const UNKNOWN_MS = 180_000;

const stamp = z.number().finite();

/** What is kept of one severity of a condition of one subject, also by the state file. Times are on the own clock. */
export const trackState = z.object({
  /** As of the last look that could tell; null before the first. */
  isFound: z.boolean().nullable().default(null),
  /** Of the present finding, or of its absence. */
  sinceMs: stamp.default(0),
  /** When a look last could tell. */
  knownMs: stamp.default(0),
  /** Since when it is found and nothing explains it. */
  ripensMs: stamp.nullable().default(null),
  value: z.literal([0, 1]).nullable().default(null),
  valueSinceMs: stamp.default(0),
  /** When it was last found and told. */
  toldMs: stamp.nullable().default(null),
  /** When it began to be told, lately. */
  beginsMs: z.array(stamp).max(100).readonly().default([]),
  evidence: z.string().max(1000).default(''),
  /** Of a condition of a connection: the environments that it hides, or did lately, and when it last did. */
  hidMs: z.record(z.string(), stamp).default({}),
  /** `name/severity` */
  explainedBy: z.string().nullable().default(null),
});

/**
 * One severity of a condition of one subject over time: verdicts go in, and what is said of it comes out. A finding holds
 * when it has lasted, and ends when it has been gone for long enough. After a start nothing is said until either is so:
 * what was said before goes on meanwhile.
 */
export class Track {
  readonly of: TrackedKind;
  readonly state = trackState.parse({});
  #isDoubtful = false;

  constructor(of: TrackedKind) {
    this.of = of;
  }

  get isFound(): boolean {
    return this.state.isFound === true;
  }

  get isTold(): boolean {
    return this.state.value === 1;
  }

  /** The name of the condition that explains it. */
  get hiddenBy(): string | null {
    return this.state.explainedBy?.split('/')[0] ?? null;
  }

  /**
   * Whether it is the reason for another one: it holds, will soon unless it goes away, or did some minutes ago.
   * @param id of the environment that the other one is about; a condition of the connection explains what it hides
   */
  explains({ severity, outlivesCauses }: TrackedKind, now: EpochMs, id: string | null): boolean {
    const { explainedBy, knownMs, toldMs, hidMs } = this.state;
    const aftermathMs = outlivesCauses ? AFTERMATH_MS[severity] : 0;
    if (id !== null && !((hidMs[id] ?? 0) >= this.#lastHidMs - aftermathMs)) return false;
    if (this.isTold || (this.isFound && explainedBy === null && now - knownMs < 60_000)) return true;
    return toldMs !== null && now - toldMs < aftermathMs;
  }

  /** Takes in what a look found. What it means is settled when its causes are known. */
  note(now: EpochMs, verdict: Verdict): void {
    const { state } = this;
    // An option switched it off: if it was ever told, its end must be.
    if (verdict === 'off' && state.beginsMs.length > 0) this.leave(now);
    else if (verdict === 'off') Object.assign(state, trackState.parse({}));
    if (verdict === 'unknown' && state.value === 0 && now - state.knownMs > UNKNOWN_MS) state.value = null;
    if (verdict === 'off' || verdict === 'unknown') return;
    const isFound = verdict !== 'no';
    if (state.isFound !== isFound) Object.assign(state, { isFound, sinceMs: now });
    state.knownMs = now;
    if (verdict === 'no') return;
    state.evidence = verdict.evidence;
    for (const [id, at] of Object.entries(state.hidMs)) if (now - at > AFTERMATH_MS.warning) delete state.hidMs[id];
    for (const id of verdict.members ?? []) state.hidMs[id] = now;
    this.#isDoubtful = verdict.isDoubtful === true;
  }

  /** @param cause what explains it, if anything does; told stays told */
  settle(now: EpochMs, cause: Track | null): void {
    const { state } = this;
    if (state.knownMs !== now) return;
    if (!state.isFound) {
      Object.assign(state, { explainedBy: null, ripensMs: null });
      if (state.value !== 0 && now - state.sinceMs >= this.#holdsOnMs(now))
        Object.assign(state, { value: 0, valueSinceMs: now });
      return;
    }
    const isExplained = cause !== null && !this.isTold;
    state.explainedBy = isExplained ? cause.of.key : null;
    // A cause that is not certain yet does not delay what it may turn out not to explain.
    state.ripensMs = isExplained && cause.isTold ? null : (state.ripensMs ?? now);
    if (isExplained && state.value !== null) state.value = 0;
    if (isExplained || this.#isDoubtful || state.ripensMs === null) return;
    if (now - state.ripensMs < this.of.lasts * 1000) return;
    state.toldMs = now;
    if (this.isTold) return;
    const beginsMs = [...state.beginsMs.filter((at) => at > now - FLAPPING_WITHIN_MS), now];
    Object.assign(state, { value: 1, valueSinceMs: now, beginsMs });
  }

  /** Its subject is gone: what was said of it is over. */
  leave(now: EpochMs): void {
    const { state } = this;
    if (this.isTold) Object.assign(state, { value: 0, valueSinceMs: now });
    Object.assign(state, { isFound: false, knownMs: now, ripensMs: null, explainedBy: null });
  }

  show(now: EpochMs, subject: ConditionSubject): Condition {
    const { isFound, sinceMs, value, valueSinceMs, ripensMs, evidence, explainedBy } = this.state;
    const { name, severity, lasts } = this.of;
    const phase = this.#phase;
    const isClear = phase === 'clear';
    const begins = phase === 'pending' && isFound ? ripensMs! + lasts * 1000 : null;
    return {
      ...{ name, severity, subject, phase, value },
      isRecent: value === 1 || (value === 0 && now - valueSinceMs < RECENT_MS),
      since: isClear ? null : sinceMs,
      holdsFrom: value === 1 ? valueSinceMs : begins,
      evidence: isClear ? '' : evidence,
      explainedBy: explainedBy === null ? null : kindOf(explainedBy),
      environments: subject.kind === 'environment' ? [subject.id] : this.#members,
    };
  }

  get #lastHidMs(): EpochMs {
    return Math.max(0, ...Object.values(this.state.hidMs));
  }

  get #members(): readonly string[] {
    const { hidMs } = this.state;
    return Object.keys(hidMs)
      .filter((id) => hidMs[id] === this.#lastHidMs)
      .toSorted();
  }

  get #phase(): ConditionPhase {
    const { isFound, value, explainedBy, ripensMs } = this.state;
    if (value === 1) return isFound ? 'holds' : 'ending';
    if (!isFound) return 'clear';
    return explainedBy === null && ripensMs !== null ? 'pending' : 'explained';
  }

  #holdsOnMs(now: EpochMs): number {
    const { value, beginsMs } = this.state;
    const endsMs = this.of.ends * 1000;
    if (value === null) return Math.min(endsMs, UNKNOWN_MS);
    const isFlapping = beginsMs.filter((at) => at > now - FLAPPING_WITHIN_MS).length > 1;
    return endsMs + (isFlapping ? FLAPPING_HOLD_MS : 0);
  }
}

function kindOf(key: string): ConditionKind {
  const [name, severity] = key.split('/');
  return { name, severity } as ConditionKind;
}

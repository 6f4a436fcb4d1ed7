import { z } from 'zod';
import type { EpochMs } from '../base/clock.ts';
import type { ConditionKind, Kind } from './conditions.ts';
import type { Condition, ConditionPhase, ConditionSubject } from './report.ts';
import type { Verdict } from './view.ts';

/** A cause explains what outlives it for so long after it was last found. */
const AFTERMATH_MS = { critical: 600_000, warning: 1_200_000 };
/** What was told twice within this time is held for some minutes beyond each end, so that there is no third time. */
const FLAPPING_WITHIN_MS = 2_700_000;
const FLAPPING_HOLD_MS = 420_000;
/** For so long after its end it is still said that it is over: longer than the rules remember what was said last. */
const RECENT_MS = 2_100_000;
/** What nobody could tell for so long is not said to be well any more. */
const UNKNOWN_MS = 180_000;
/** What was not found again for so long explains nothing unless it was told. */
const FRESH_MS = 60_000;

const stamp = z.number().finite();

/** What is kept of one severity of a condition of one subject, also by the state file. Times are on the own clock. */
export const trackState = z.object({
  /** As of the last look that could tell, which was `knownMs`; null before the first. */
  isFound: z.boolean().nullable().default(null),
  knownMs: stamp.default(0),
  /** Of the present finding, or of its absence. */
  sinceMs: stamp.default(0),
  /** Since when it is found and nothing explains it. */
  ripensMs: stamp.nullable().default(null),
  value: z.literal([0, 1]).nullable().default(null),
  valueSinceMs: stamp.default(0),
  /** When it was last found and told, and when it began to be told, lately. */
  toldMs: stamp.nullable().default(null),
  beginsMs: z.array(stamp).max(100).readonly().default([]),
  evidence: z.string().max(1000).default(''),
  /** Of a condition of a connection: the environments that it hides, or did lately, and when it last did. */
  hidMs: z.record(z.string(), stamp).default({}),
  /** `name/severity` */
  explainedBy: z.string().nullable().default(null),
});

/**
 * One severity of a condition of one subject over time: verdicts go in, and what is said of it comes out. A finding holds
 * when it has lasted, and ends when it has been gone for long enough. After a start, what was said before goes on until then.
 */
export class Track<View = never> {
  readonly of: Kind<View>;
  state = trackState.parse({});
  #isDoubtful = false;

  constructor(of: Kind<View>) {
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

  /** What is well, and was for long, needs no memory. */
  get isWorthKeeping(): boolean {
    return this.isFound || this.state.beginsMs.length > 0;
  }

  /**
   * Whether it is the reason for another one: it holds, will soon unless it goes away, or did some minutes ago.
   * @param id of the environment that the other one is about; a condition of the connection explains what it hides
   */
  explains({ severity, isAboutReads }: Kind, now: EpochMs, id: string | null): boolean {
    const { explainedBy, knownMs, toldMs, hidMs } = this.state;
    const aftermathMs = isAboutReads && severity === 'critical' ? 0 : AFTERMATH_MS[severity];
    if (id !== null && !((hidMs[id] ?? 0) >= this.#lastHidMs - aftermathMs)) return false;
    if (this.isTold || (this.isFound && explainedBy === null && now - knownMs < FRESH_MS)) return true;
    return toldMs !== null && now - toldMs < aftermathMs;
  }

  /** Takes in what a look found. What it means is settled when its causes are known. */
  note(now: EpochMs, verdict: Verdict): void {
    const { state } = this;
    // An option switched it off: if it was ever told, its end must be.
    if (verdict === 'off' && state.beginsMs.length > 0) this.leave(now);
    else if (verdict === 'off') this.state = trackState.parse({});
    if (verdict === 'unknown' && state.value === 0 && now - state.knownMs > UNKNOWN_MS) state.value = null;
    if (verdict === 'off' || verdict === 'unknown') return;
    const isFound = verdict !== 'no';
    if (state.isFound !== isFound) Object.assign(state, { isFound, sinceMs: now });
    state.knownMs = now;
    if (verdict === 'no') return;
    const { evidence, members = [], isDoubtful = false } = verdict;
    const hid = Object.entries(state.hidMs).filter(([, at]) => now - at <= AFTERMATH_MS.warning);
    state.evidence = evidence;
    state.hidMs = Object.fromEntries([...hid, ...members.map((id) => [id, now] as const)]);
    this.#isDoubtful = isDoubtful;
  }

  /** @param cause what explains it, if anything does; told stays told */
  settle(now: EpochMs, cause: Track | null): void {
    const { state, isTold } = this;
    if (state.knownMs !== now) return;
    if (!state.isFound) {
      Object.assign(state, { explainedBy: null, ripensMs: null });
      if (state.value !== 0 && now - state.sinceMs >= this.#endsMs(now)) this.#say(0, now);
      return;
    }
    const isExplained = cause !== null && !isTold;
    state.explainedBy = isExplained ? cause.of.key : null;
    // A cause that is not certain yet does not delay what it may turn out not to explain.
    state.ripensMs = isExplained && cause.isTold ? null : (state.ripensMs ?? now);
    if (isExplained && state.value !== null) state.value = 0;
    if (isExplained || this.#isDoubtful || now - state.ripensMs! < this.of.lasts * 1000) return;
    state.toldMs = now;
    if (isTold) return;
    state.beginsMs = [...this.#beginsLately(now), now];
    this.#say(1, now);
  }

  /** Its subject is gone: what was said of it is over. */
  leave(now: EpochMs): void {
    if (this.isTold) this.#say(0, now);
    Object.assign(this.state, { isFound: false, knownMs: now, ripensMs: null, explainedBy: null });
  }

  show(now: EpochMs, subject: ConditionSubject): Condition {
    const { sinceMs, value, valueSinceMs, ripensMs, evidence, explainedBy, hidMs } = this.state;
    const { name, severity, lasts } = this.of;
    const phase = this.#phase;
    const isClear = phase === 'clear';
    const [cause, ofCause] = explainedBy?.split('/') ?? [];
    const hidden = Object.keys(hidMs).filter((id) => hidMs[id] === this.#lastHidMs);
    return {
      ...{ name, severity, subject, phase, value },
      isRecent: value === 1 || (value === 0 && now - valueSinceMs < RECENT_MS),
      since: isClear ? null : sinceMs,
      holdsFrom: value === 1 ? valueSinceMs : phase === 'pending' ? ripensMs! + lasts * 1000 : null,
      evidence: isClear ? '' : evidence,
      explainedBy: explainedBy === null ? null : ({ name: cause, severity: ofCause } as ConditionKind),
      environments: subject.kind === 'environment' ? [subject.id] : hidden.toSorted(),
    };
  }

  #say(value: 0 | 1, now: EpochMs): void {
    Object.assign(this.state, { value, valueSinceMs: now });
  }

  get #lastHidMs(): EpochMs {
    return Math.max(0, ...Object.values(this.state.hidMs));
  }

  get #phase(): ConditionPhase {
    const { isFound, isTold } = this;
    if (isTold) return isFound ? 'holds' : 'ending';
    if (!isFound) return 'clear';
    return this.state.explainedBy === null && this.state.ripensMs !== null ? 'pending' : 'explained';
  }

  #beginsLately(now: EpochMs): readonly EpochMs[] {
    return this.state.beginsMs.filter((at) => at > now - FLAPPING_WITHIN_MS);
  }

  /** For how long it must be gone until that is said. */
  #endsMs(now: EpochMs): number {
    const endsMs = this.of.ends * 1000;
    if (this.state.value === null) return Math.min(endsMs, UNKNOWN_MS);
    return endsMs + (this.#beginsLately(now).length > 1 ? FLAPPING_HOLD_MS : 0);
  }
}

import { z } from 'zod';
import type { EpochMs } from '../base/clock.ts';
import { SEVERITIES, type Severity } from '../domain/environment.ts';
import { CONDITION_NAMES, CONDITIONS, type ConditionKind, type ConditionName, subjectOf } from './conditions.ts';
import type { ConnectionFacts, EnvironmentFacts, Past, Verdict, View } from './facts.ts';
import type { Condition, ConditionPhase, ConditionSubject } from './report.ts';

/** A cause explains what outlives it for so long after it was last found. */
const AFTERMATH_MS = { critical: 600_000, warning: 1_200_000 };
/** What is told again so soon after its end is held for some minutes beyond each further end. */
const AGAIN_MS = 1_800_000;
const AGAIN_HOLD_MS = 420_000;
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
  /** When it was last found and told, by itself or by what explains it. */
  toldMs: stamp.nullable().default(null),
  /** It was told again soon after its end. */
  isAgain: z.boolean().default(false),
  evidence: z.string().max(1000).default(''),
  /** Of a condition of a connection: the environments that it hides. */
  members: z.array(z.string()).readonly().default([]),
  /** `name/severity` of what explains it; while it is not found, of what did. */
  explainedBy: z.string().nullable().default(null),
});

/**
 * One severity of a condition of one subject over time: verdicts go in, and what is said of it comes out. A finding holds
 * when it has lasted, and ends when it has been gone for long enough. After a start, what was said before goes on until then.
 */
export class Track implements ConditionKind {
  readonly name: ConditionName;
  readonly severity: Severity;
  /** `name/severity` */
  readonly key: string;
  /** Keys of what explains it. */
  readonly causes: readonly string[];
  state = trackState.parse({});
  readonly #lastsMs: number;
  readonly #endsMs: number;

  constructor(name: ConditionName, severity: Severity) {
    const { lasts, ends } = CONDITIONS[name].severities[severity]!;
    [this.name, this.severity, this.key] = [name, severity, `${name}/${severity}`];
    this.causes = causesOf(name, severity);
    [this.#lastsMs, this.#endsMs] = [lasts * 1000, ends * 1000];
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

  /** What is well, and always was, needs no memory. */
  get isWorthKeeping(): boolean {
    return this.isFound || this.state.toldMs !== null;
  }

  /**
   * Whether it is the reason for another one: it holds, will soon unless it goes away, or did some minutes ago.
   * @param id of the environment that the other one is about; a condition of the connection explains what it hides, or just did
   */
  explains(other: Track, now: EpochMs, id: string | null): boolean {
    const { explainedBy, knownMs, members } = this.state;
    const isHidden = id === null || members.includes(id);
    const wasTold = ({ state }: Track) => state.toldMs !== null && now - state.toldMs < AFTERMATH_MS[other.severity];
    if (!isHidden && !(other.state.explainedBy === this.key && wasTold(other))) return false;
    return this.isTold || (this.isFound && explainedBy === null && now - knownMs < FRESH_MS) || wasTold(this);
  }

  /** Takes in what a look found. What it means is settled when its causes are known. */
  note(now: EpochMs, verdict: Verdict): void {
    const { state } = this;
    // An option switched it off: if it was ever told, its end must be.
    if (verdict === 'off' && state.toldMs !== null) this.leave(now);
    else if (verdict === 'off') this.state = trackState.parse({});
    if (verdict === 'unknown' && state.value === 0 && now - state.knownMs > UNKNOWN_MS) state.value = null;
    if (verdict === 'off' || verdict === 'unknown') return;
    const isFound = verdict !== 'no';
    if (state.isFound !== isFound) Object.assign(state, { isFound, sinceMs: now });
    state.knownMs = now;
    if (verdict !== 'no') Object.assign(state, verdict);
  }

  /** @param cause what explains it, if anything does; told stays told */
  settle(now: EpochMs, cause: Track | null): void {
    const { state, isTold } = this;
    if (state.knownMs !== now) return;
    if (!state.isFound) {
      state.ripensMs = null;
      if (state.value !== 0 && now - state.sinceMs >= this.#goneMs) this.#say(0, now);
      return;
    }
    state.explainedBy = isTold ? null : (cause?.key ?? null);
    if (state.explainedBy !== null && state.value !== null) state.value = 0;
    // A cause that is not certain yet does not delay what it may turn out not to explain.
    state.ripensMs = state.explainedBy !== null && cause!.isTold ? null : (state.ripensMs ?? now);
    if (state.ripensMs === null) state.toldMs = now;
    if (state.explainedBy !== null || now - state.ripensMs! < this.#lastsMs) return;
    if (!isTold) {
      state.isAgain = state.value === 0 && state.toldMs !== null && now - state.toldMs < AGAIN_MS;
      this.#say(1, now);
    }
    state.toldMs = now;
  }

  /** Its subject is gone: what was said of it is over. */
  leave(now: EpochMs): void {
    if (this.isTold) this.#say(0, now);
    Object.assign(this.state, { isFound: false, knownMs: now, ripensMs: null, explainedBy: null });
  }

  /** @param aheadMs what to add to its times when they are shown */
  show(now: EpochMs, subject: ConditionSubject, aheadMs: number): Condition {
    const { sinceMs, value, valueSinceMs, ripensMs, evidence, explainedBy, members } = this.state;
    const { name, severity } = this;
    const phase = this.#phase;
    const isClear = phase === 'clear';
    const holdsFrom = value === 1 ? valueSinceMs : phase === 'pending' ? ripensMs! + this.#lastsMs : null;
    const [cause, ofCause] = explainedBy?.split('/') ?? [];
    return {
      ...{ name, severity, subject, phase, value },
      isRecent: value === 1 || (value === 0 && now - valueSinceMs < RECENT_MS),
      since: isClear ? null : sinceMs + aheadMs,
      holdsFrom: holdsFrom === null ? null : holdsFrom + aheadMs,
      evidence: isClear ? '' : evidence,
      explainedBy: isClear || explainedBy === null ? null : ({ name: cause, severity: ofCause } as ConditionKind),
      environments: subject.kind === 'environment' ? [subject.id] : members.toSorted(),
    };
  }

  #say(value: 0 | 1, now: EpochMs): void {
    Object.assign(this.state, { value, valueSinceMs: now });
  }

  get #phase(): ConditionPhase {
    const { isFound, isTold } = this;
    if (isTold) return isFound ? 'holds' : 'ending';
    if (!isFound) return 'clear';
    return this.state.explainedBy === null && this.state.ripensMs !== null ? 'pending' : 'explained';
  }

  /** For how long it must be gone until that is said. */
  get #goneMs(): number {
    if (this.state.value === null) return Math.min(this.#endsMs, UNKNOWN_MS);
    return this.#endsMs + (this.state.isAgain ? AGAIN_HOLD_MS : 0);
  }
}

/** Its graver severity explains a ticket always; a ticket does not keep a page silent. */
function causesOf(name: ConditionName, severity: Severity): readonly string[] {
  const { explainedBy = [] } = CONDITIONS[name];
  const keysOf = (cause: string) => (cause.includes('/') ? cause : SEVERITIES.map((one) => `${cause}/${one}`));
  if (severity === 'critical') return explainedBy.flatMap(keysOf).filter((key) => key.endsWith('/critical'));
  return [`${name}/critical`, ...explainedBy].flatMap(keysOf);
}

/** All that may be said of one subject, by key; the graver severity first. */
export function tracksOf(subject: ConditionSubject['kind']): ReadonlyMap<string, Track> {
  const names = CONDITION_NAMES.filter((name) => subjectOf(name) === subject);
  const all = names.flatMap((name) =>
    SEVERITIES.toReversed()
      .filter((severity) => severity in CONDITIONS[name].severities)
      .map((severity) => new Track(name, severity)),
  );
  return new Map(all.map((track) => [track.key, track]));
}

/** An environment, as a condition of its connection sees it. */
export interface Member {
  readonly id: string;
  /** Null: it has left, or discovery has not found it yet, and what was said of it goes on for a while. */
  readonly now: EnvironmentFacts | null;
  readonly past: Past;
  /** What says that it cannot be read, and what that its fleet fails; null: nothing. */
  readonly reads: Track | null;
  readonly fleet: Track | null;
}

export interface ConnectionView extends View<ConnectionFacts> {
  readonly members: readonly Member[];
}

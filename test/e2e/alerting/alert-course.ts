import type { ConditionPhase } from '../../../src/conditions/condition.ts';
import type { AlertName } from '../../../src/rules/parts/alert-names.ts';
import type { AlertKey, PageSaid } from './page-said.ts';
import type { Look } from './page-watch.ts';
import { patienceOf } from './patience.ts';

/**
 * How far apart page and Prometheus may be beside the interval of an alert's group, milliseconds of the fast clock: a scrape,
 * a look, and what a busy machine may be late. Where one of them saw the expression fail for a moment, its `for` begins anew.
 */
const APART_MS = 30_000 + 40_000 + 120_000;
/** Between two looks. Where the machine stood still for so long, Prometheus missed scrapes. */
const STALLED_MS = 100_000;

/** What must not read `ok` while it is told. */
const UNSEEN: readonly AlertName[] = [
  'AnthropicWorkApiAuthFailing',
  'AnthropicWorkEnvironmentMisconfigured',
  'AnthropicWorkEnvironmentNotVisible',
  'AnthropicWorkItemsNotVisible',
];

export interface Answered extends Look {
  readonly said: PageSaid;
}

type Phase = ConditionPhase | undefined;

/** Between a look and the one before it. */
export function isStalled(look: Answered, before: Answered | undefined): boolean {
  return before !== undefined && look.at - before.at > STALLED_MS;
}

export function isOut(phase: Phase): boolean {
  return phase === 'firing' || phase === 'recovering';
}

/** One alert over time, on the page and in Prometheus. */
export class AlertCourse {
  readonly key: AlertKey;
  readonly alert: AlertName;
  readonly severity: string;
  readonly #id: string | undefined;
  readonly #life: readonly Answered[];
  readonly #chain: number;
  readonly #forMs: number;
  readonly #keptMs: number;
  readonly #apartMs: number;

  constructor(life: readonly Answered[], chain: number, key: AlertKey) {
    const { alert, severity, id } = partsOf(key);
    const { forMs, keptMs, intervalMs } = patienceOf(alert, severity);
    this.key = key;
    this.alert = alert;
    this.severity = severity;
    this.#id = id;
    this.#life = life;
    this.#chain = chain;
    this.#forMs = forMs;
    this.#keptMs = keptMs;
    this.#apartMs = APART_MS + intervalMs;
  }

  /** Not near the beginning, the end, or a moment in which the machine stood still; and not of what is not watched any more. */
  isJudged({ at }: Answered): boolean {
    const [from, to] = [at - this.#apartMs - this.#forMs - this.#keptMs, at + this.#apartMs];
    if (at - this.#apartMs < this.#life[0]!.at || to > this.#life.at(-1)!.at) return false;
    const near = this.#life.filter((look, index) => {
      const before = this.#life[index - 1];
      return isStalled(look, before) && look.at >= from && before!.at <= to;
    });
    return (
      near.length === 0 && this.#around(at).every(({ said }) => this.#id === undefined || this.#id in said.statuses)
    );
  }

  agrees({ said, told }: Answered): boolean {
    return isOut(said.phases.get(this.key)) && isOut(told[this.#chain]!.get(this.key));
  }

  /** Out in Prometheus the whole time around a look. */
  isTold({ at }: Answered): boolean {
    return this.#toldAround(at).every(isOut);
  }

  isToldSometimes({ at }: Answered): boolean {
    return this.#toldAround(at).some(isOut);
  }

  faults(look: Answered): readonly string[] {
    const { at, said } = look;
    const phase = said.phases.get(this.key);
    if (isOut(phase)) {
      if (this.#isAlone(at)) return this.#isMutedByPage(at) ? [] : [`${this.key} is on the page and does not fire`];
      if (this.#saysOver(at)) return [`${this.key} fires and is said to recover`];
    }
    if (this.#leftAtOnce(look)) return [`${this.key} left the page and was not said to recover`];
    if (!this.isTold(look)) return [];
    const missing =
      phase === undefined || (phase === 'pending' && this.#toldIn(at - this.#apartMs - this.#forMs, at).every(isOut));
    return [
      ...(missing && !this.#isMutedByPage(at) ? [`${this.key} fires and is not on the page`] : []),
      ...this.#rowFaults(said),
      ...this.#statusFaults(look),
    ];
  }

  /** A pending alert of Prometheus may have begun to wait later, for as long as it waits. */
  #isAlone(at: number): boolean {
    const around = this.#toldAround(at);
    if (around.some(isOut)) return false;
    if (around.every((phase) => phase === undefined)) return true;
    const until = at + this.#apartMs + this.#forMs;
    return until <= this.#life.at(-1)!.at && !this.#toldIn(at - this.#apartMs - this.#keptMs, until).some(isOut);
  }

  /** A page about the same environment mutes other alerts: seconds decide whether a ticket comes before it or never. */
  #isMutedByPage(at: number): boolean {
    if (this.severity === 'critical' || this.#id === undefined) return false;
    const isPage = ([key, phase]: readonly [AlertKey, Phase]) => {
      const { severity, id } = partsOf(key);
      return severity === 'critical' && id === this.#id && isOut(phase);
    };
    return this.#around(at).some(({ told }) => [...told[this.#chain]!].some(isPage));
  }

  #saysOver(at: number): boolean {
    const over = this.#around(at).every(({ said }) => said.phases.get(this.key) === 'recovering');
    return over && this.#toldAround(at).every((phase) => phase === 'firing');
  }

  /** What `keep_firing_for` keeps is seen to recover by somebody who looks often enough. */
  #leftAtOnce(look: Answered): boolean {
    const before = this.#life[this.#life.indexOf(look) - 1]!;
    const isSeen = this.#keptMs > 0 && look.at - before.at < this.#keptMs / 2;
    return isSeen && before.said.phases.get(this.key) === 'firing' && !isOut(look.said.phases.get(this.key));
  }

  /** What waits only, or is of no weight, leaves a row as it is. */
  #rowFaults({ tones }: PageSaid): readonly string[] {
    const tone = this.#id === undefined ? undefined : (tones[this.#id] ?? 'not there');
    if (tone === undefined || !['critical', 'warning'].includes(this.severity)) return [];
    return ['bad', 'warn'].includes(tone) ? [] : [`${this.key} fires and its row is ${tone}`];
  }

  #statusFaults({ at, said: { statuses } }: Answered): readonly string[] {
    if (this.#id === undefined || !UNSEEN.includes(this.alert) || statuses[this.#id] !== 'ok') return [];
    return this.#toldAround(at).every((phase) => phase === 'firing') ? [`${this.key} fires and its status is ok`] : [];
  }

  #around(at: number): readonly Answered[] {
    return this.#life.filter((other) => Math.abs(other.at - at) <= this.#apartMs);
  }

  #toldAround(at: number): readonly Phase[] {
    return this.#toldIn(at - this.#apartMs, at + this.#apartMs);
  }

  #toldIn(from: number, to: number): readonly Phase[] {
    const looks = this.#life.filter(({ at }) => at >= from && at <= to);
    return looks.map(({ told }) => told[this.#chain]!.get(this.key));
  }
}

export function partsOf(key: AlertKey) {
  const [alert, severity, id] = key.split(' ');
  return { alert: alert as AlertName, severity: severity!, id };
}

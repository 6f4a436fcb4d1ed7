import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import type { DiagnosisReport } from '../diagnosis/report.ts';
import type { StateStore } from '../state/environment-state.ts';
import { ConditionText } from './exposition/condition-text.ts';
import { contentType, type Format, negotiate } from './exposition/format.ts';
import { ObservedText } from './exposition/observed-text.ts';
import type { SelfMetrics } from './self/self-metrics.ts';

export interface ExpositionDeps {
  readonly states: StateStore;
  /** What is wrong now; null when nothing can be said. Without it, there are no series of conditions. */
  readonly conditions?: () => DiagnosisReport | null;
  readonly self: Pick<SelfMetrics, 'write'>;
  readonly clock: Pick<Clock, 'now'>;
  /** API clock − own clock of a connection, ms; 0 when unknown. */
  readonly skewMs: (connection: string) => number;
}

/** The answer to a scrape: numbers from memory, never from the network. */
export interface Exposition {
  /**
   * The whole exposition, in order, in pieces of any size.
   *
   * @param names what the reader looks at, if that is not all: metrics of the exporter itself without such a sample are
   *   left out. Some of them start anew with each scrape, as the longest delay of the event loop since the last one does.
   */
  render(format: Format, names?: ReadonlySet<string>): Promise<Buffer[]>;
  /**
   * The series of one environment, without `# EOF`; null when it is not watched. The caller appends what it measured.
   */
  renderEnvironment(environmentId: string, format: Format): Buffer[] | null;
  contentType(format: Format): string;
  negotiate(accept: string | undefined): Format;
}

/** The last line of an OpenMetrics exposition; nothing in the older format. */
export function expositionEnd(format: Format): Buffer[] {
  return format === 'openmetrics' ? [Buffer.from('# EOF\n')] : [];
}

/** One code path for both formats. It caches text between scrapes, so create it once. */
export function createExposition({ states, conditions = () => null, self, clock, skewMs }: ExpositionDeps): Exposition {
  // A large fleet is written in slices, so that health checks and reads get their turn in between.
  const observed = new ObservedText(() => nextTurn());
  const conditionText = new ConditionText();

  return { render, renderEnvironment, contentType, negotiate };

  async function render(format: Format, names?: ReadonlySet<string>): Promise<Buffer[]> {
    const now = clock.now();
    const own = await self.write(format, now, names);
    const watched = states.all();
    const pieces = await observed.write(watched, { now, format, skewMs });
    return [...pieces, ...conditionText.write(conditions(), format), ...own, ...expositionEnd(format)];
  }

  function renderEnvironment(environmentId: string, format: Format): Buffer[] | null {
    const state = states.get(environmentId);
    if (state === undefined) return null;
    return observed.writeOne(state, states.all(), { now: clock.now(), format, skewMs });
  }
}

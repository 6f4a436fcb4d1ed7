import type { ConditionName } from '../../diagnosis/conditions.ts';
import type { ExporterAlertName } from '../../rules/alerts.ts';

export const ALERT_PREFIX = 'AnthropicWork';

/** An alert without the prefix that all of them share. */
type ShortAlertName = Capitals<ConditionName> | Short<ExporterAlertName>;
type Short<N extends string> = N extends `${typeof ALERT_PREFIX}${infer Rest}` ? Rest : never;
/** `no_workers` as `NoWorkers`. */
type Capitals<N extends string> = N extends `${infer Word}_${infer Rest}`
  ? `${Capitalize<Word>}${Capitals<Rest>}`
  : Capitalize<N>;

/** What a reader needs at 3 a.m. to judge a panel. */
export interface PanelText {
  /** One sentence: what is shown. */
  readonly shows: string;
  /** What it looks like when nothing is wrong. */
  readonly normal: string;
  /** The alerts that watch it, without their common prefix; if there are none, `unwatched` says why. */
  readonly alerts?: readonly ShortAlertName[];
  /** Why no alert watches it. */
  readonly unwatched?: string;
}

/** The description behind the "i" of a panel. */
export function panelText({ shows, normal, alerts = [], unwatched }: PanelText): string {
  const watchers =
    alerts.length > 0
      ? alerts.map((name) => ALERT_PREFIX + name).join(', ')
      : `no alert: ${unwatched ?? 'context only'}`;
  return `${shows}\n\nNormal: ${normal}\n\nWatched by ${watchers}.`;
}

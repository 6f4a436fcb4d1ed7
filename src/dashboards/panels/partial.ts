import { atEnd } from '../expressions/promql.ts';
import { noneShown, notVisible } from '../expressions/queue-expressions.ts';
import { COLOUR, texts } from '../parts/colours.ts';
import { now, trend } from '../parts/targets.ts';
import { stepped } from './tables.ts';
import type { stat } from './tiles.ts';

type StatPanel = ReturnType<typeof stat>;

interface OverVisible {
  readonly refId: string;
  readonly expr: string;
  readonly legend: string;
  /** The alarm level of one or more; without it, the number is neutral. */
  readonly alarm?: 'warning' | 'critical';
}

/** Adds a number over all environments; purple while some cannot be seen, because it is then incomplete. */
export function overVisible(
  panel: StatPanel,
  { refId, expr, legend, alarm }: OverVisible,
  target: typeof trend = trend,
): StatPanel {
  const partial = `${refId}Partly`;
  const steps = alarm === undefined ? [] : ([[1, COLOUR[alarm]]] as const);
  const nowNotVisible = atEnd(notVisible);
  return panel
    .withTarget(target(refId, `(${expr}) unless on () (${nowNotVisible})`, legend))
    .withTarget(target(partial, `(${expr}) and on () (${nowNotVisible})`, legend))
    .overrideByQuery(partial, [stepped(COLOUR.unknown, ...steps)]);
}

interface Healthy {
  readonly refId: string;
  /** One number without labels, present if no environment is bad enough to be named. */
  readonly expr: string;
  readonly legend: string;
}

/**
 * Adds what a tile says when it names no environment: that all is well or, in purple, what is known of those that can
 * be read.
 */
export function whereNothingIsNamed(panel: StatPanel, { refId, expr, legend }: Healthy): StatPanel {
  const partial = `${refId}Partly`;
  return panel
    .withTarget(now(refId, `(${expr}) unless on () (${notVisible})`, legend))
    .withTarget(now(partial, `(${expr}) and on () (${notVisible})`, 'not all visible'))
    .overrideByQuery(partial, [stepped(COLOUR.unknown)]);
}

/** Makes a tile say that no environment is shown, rather than that no exporter is there. */
export function whereNoneIsShown(panel: StatPanel): StatPanel {
  return panel
    .withTarget(now('none shown', noneShown, 'selected'))
    .overrideByQuery('none shown', [{ id: 'mappings', value: [texts({ 0: ['no environments', COLOUR.unknown] })] }]);
}

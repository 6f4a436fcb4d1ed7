import { COLOUR } from './colours.ts';
import type { stat } from './panels.ts';
import { notVisible } from './queue-expressions.ts';
import { stepped } from './table-columns.ts';
import { now } from './targets.ts';

type StatPanel = ReturnType<typeof stat>;

interface OverVisible {
  readonly refId: string;
  readonly expr: string;
  readonly legend: string;
  /** Whether one or more is an issue. */
  readonly alarming: boolean;
}

/** Adds a number over all environments; purple while some cannot be seen, because it is only a part then. */
export function overVisible(panel: StatPanel, { refId, expr, legend, alarming }: OverVisible): StatPanel {
  const partial = `${refId}Partly`;
  const alarm = alarming ? ([[1, COLOUR.critical]] as const) : [];
  return panel
    .withTarget(now(refId, `(${expr}) unless on () (${notVisible})`, legend))
    .withTarget(now(partial, `(${expr}) and on () (${notVisible})`, legend))
    .overrideByQuery(partial, [stepped(COLOUR.unknown, ...alarm)]);
}

interface Healthy {
  readonly refId: string;
  /** One number without labels, present where no environment is bad enough to be named. */
  readonly expr: string;
  readonly legend: string;
}

/** Adds what a tile says when it names no environment: that all is well, or, in purple, what is known of those that can be read. */
export function whereNothingIsNamed(panel: StatPanel, { refId, expr, legend }: Healthy): StatPanel {
  const partial = `${refId}Partly`;
  return panel
    .withTarget(now(refId, `(${expr}) unless on () (${notVisible})`, legend))
    .withTarget(now(partial, `(${expr}) and on () (${notVisible})`, 'not all visible'))
    .overrideByQuery(partial, [stepped(COLOUR.unknown)]);
}

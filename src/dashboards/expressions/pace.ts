import { E, join, ofEnvironment } from './promql.ts';
import { live, polling, waiting } from './queue-expressions.ts';

/** The window of the recorded series with the same meaning: long enough for a handful of items to make a rate. */
const WINDOW = '15m';

const rate = (counter: Parameters<typeof ofEnvironment>[0]) => `rate(${ofEnvironment(counter)}[${WINDOW}])`;
/** An item joins the queue when it is created, when its session wakes up and when its lease lapses. */
const JOINS = [
  'anthropic_work_items_created_total',
  'anthropic_work_items_requeued_total',
  'anthropic_work_items_lapsed_total',
] as const;

/** Items per second that join the queue, and that are taken from it. */
const arrivals = `max by (${E}) (${JOINS.map(rate).join(' + ')})`;
const taken = `max by (${E}) (${rate('anthropic_work_items_acknowledged_total')})`;

/**
 * `expression` for the environments whose list was read: a counter that nobody feeds stands still, which is not 0 an
 * hour.
 */
export const whileRead = (expression: string) =>
  `(${expression}) and on (${E}) (${ofEnvironment('anthropic_work_items')})`;

/** How fast the queue grows, items per second. */
export const netFlow = join(arrivals, '-', taken);

/** Seconds until the queue is empty at this pace; absent unless it shrinks, because then there is no such time. */
export const timeToDrain = join(`${waiting} > 0`, '/', `(${join(taken, '-', arrivals)}) > 0`);

/** Environments whose waiting work does not decrease, with the number of items. */
export const notShrinking = `((${waiting} > 0) and on (${E}) ${taken}) unless on (${E}) (${timeToDrain})`;

/** `count`, for the environments that also have `other`. */
const knownWith = (count: string, other: string) => `sum((${count}) and on (${E}) (${other}))`;

const busy = knownWith(live, polling);
const workers = `(${busy} + ${knownWith(polling, live)})`;

/** The fraction of workers that are busy: busy divided by busy plus polling, over all environments that report both. */
export const utilisation = `(${busy} / ${workers}) >= 0`;
/** 0 if both are reported and there are no workers at all, so that no fraction exists. */
export const noneKnown = `${workers} == 0`;

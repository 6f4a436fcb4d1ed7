import { E, join, ofEnvironment } from './promql.ts';
import { live, polling, waiting } from './queue-expressions.ts';

/** That of the recorded series of the same meaning: long enough for a handful of items to make a rate. */
const WINDOW = '15m';

const rate = (counter: Parameters<typeof ofEnvironment>[0]) => `rate(${ofEnvironment(counter)}[${WINDOW}])`;
/** An item joins the queue when it is created, when its session wakes up and when its lease lapses. */
const JOINS = [
  'anthropic_work_items_created_total',
  'anthropic_work_items_requeued_total',
  'anthropic_work_items_lapsed_total',
] as const;

/** Items a second that come into the queue, and that are taken from it. */
export const arrivals = `max by (${E}) (${JOINS.map(rate).join(' + ')})`;
export const taken = `max by (${E}) (${rate('anthropic_work_items_acknowledged_total')})`;

/** By how much the queue grows, items a second. */
export const netFlow = join(arrivals, '-', taken);

/** Seconds until the queue is empty at this pace; absent while it does not shrink, because then there is no such time. */
export const timeToDrain = join(`${waiting} > 0`, '/', `(${join(taken, '-', arrivals)}) > 0`);

/** Environments with waiting work that does not get less, with the number of items. */
export const notShrinking = `((${waiting} > 0) and on (${E}) ${taken}) unless on (${E}) (${timeToDrain})`;

/** `count`, of the environments that tell `other` too. */
const knownWith = (count: string, other: string) => `sum((${count}) and on (${E}) (${other}))`;

const busy = knownWith(live, polling);
const workers = `(${busy} + ${knownWith(polling, live)})`;

/** The share of workers that is at work: busy of busy plus polling, over all environments that tell both. */
export const utilisation = `(${busy} / ${workers}) >= 0`;
/** 0 where both are told and nobody is there, of whom there is no share. */
export const noneKnown = `${workers} == 0`;

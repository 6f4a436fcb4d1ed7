import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EpochMs } from '../base/clock.ts';
import { isWithinStaleAfter } from '../state/changes.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import { areSessionsKnown } from '../state/sessions.ts';
import { OBSERVED_METRICS } from './catalogue.ts';
import type { Format } from './format.ts';
import { ENVIRONMENT_LABELS, type Look } from './metric.ts';
import { headText, labelText, sampleText } from './text.ts';

export interface EnvironmentTextOptions {
  readonly now: EpochMs;
  readonly format: Format;
  /** API clock − own clock of a connection, ms; 0 when unknown. */
  readonly skewMs: (connection: string) => number;
  /** All that are watched: their label keys make the labels of each. */
  readonly watched: readonly EnvironmentState[];
}

/** The text of one environment, metric after metric; those of metrics that age are empty. */
interface KeptText {
  readonly bytes: Buffer;
  /** By metric, where its lines end. */
  readonly ends: Uint32Array;
  /** What it was written from besides the state. */
  readonly key: string;
}

/** States never change, so the text of one that is shown as before is as before. */
const KEPT = new WeakMap<EnvironmentState, KeptText>();

/** So many environments are written without a pause: it takes some milliseconds. */
const SLICE = 32;

const NAMES = OBSERVED_METRICS.map(([, { labels }]) => Object.keys(labels));

/** The metrics that are measured at each scrape. */
const AGES = OBSERVED_METRICS.flatMap(([, { ages }], at) => (ages ? [at] : []));

const HEADS = OBSERVED_METRICS.map(([name, metric]) => ({
  prometheus: Buffer.from(headText(name, metric, 'prometheus')),
  openmetrics: Buffer.from(headText(name, metric, 'openmetrics')),
}));

/** The families of the fleet, in the order of the catalogue, each with its environments in their order. */
export async function fleetText(options: EnvironmentTextOptions): Promise<Buffer[]> {
  const labelKeys = labelKeysOf(options);
  const rows: Row[] = [];
  for (const [index, state] of options.watched.entries()) {
    // Health checks and reads get their turn in between.
    if (index > 0 && index % SLICE === 0) await nextTurn();
    rows.push(rowOf(state, options, labelKeys));
  }
  return familiesOf(rows, options);
}

/** The families of one of them. */
export function environmentText(state: EnvironmentState, options: EnvironmentTextOptions): Buffer[] {
  return familiesOf([rowOf(state, options, labelKeysOf(options))], options);
}

/** One environment at one scrape. */
interface Row {
  readonly kept: KeptText;
  /** The lines of the metrics that age, by metric. */
  readonly ages: ReadonlyMap<number, string>;
}

function rowOf(state: EnvironmentState, options: EnvironmentTextOptions, labelKeys: readonly string[]): Row {
  const look = lookAt(state, options, labelKeys);
  const own = { lead: leadOf(state), exemplars: false };
  return { kept: keptText(look, options.format), ages: new Map(AGES.map((at) => [at, linesOf(at, look, own)])) };
}

function familiesOf(rows: readonly Row[], { format }: EnvironmentTextOptions): Buffer[] {
  return OBSERVED_METRICS.flatMap((_, at) => {
    const lines = AGES.includes(at) ? Buffer.from(rows.map(({ ages }) => ages.get(at)!).join('')) : joined(rows, at);
    return lines.length === 0 ? [] : [HEADS[at]![format], lines];
  });
}

function labelKeysOf({ watched }: EnvironmentTextOptions): readonly string[] {
  return [...new Set(watched.flatMap(({ environment }) => Object.keys(environment.labels)))].sort();
}

function lookAt(state: EnvironmentState, { now, skewMs }: EnvironmentTextOptions, labelKeys: readonly string[]): Look {
  const { operations, environment } = state;
  const list = operations.list.attempted && isWithinStaleAfter(state, 'list', now);
  const stats = operations.stats.attempted && isWithinStaleAfter(state, 'stats', now);
  const fresh = { stats, list, sessions: list && areSessionsKnown(state, now) };
  return { state, fresh, labelKeys, apiNow: now + skewMs(environment.connection) };
}

function keptText(look: Look, format: Format): KeptText {
  const { state, fresh, labelKeys } = look;
  const exemplars = format === 'openmetrics' && state.environment.exemplars;
  const key = [fresh.stats, fresh.list, fresh.sessions, exemplars, ...labelKeys].join();
  const known = KEPT.get(state);
  if (known?.key === key) return known;
  const options = { lead: leadOf(state), exemplars };
  const ends = new Uint32Array(OBSERVED_METRICS.length);
  let text = '';
  let end = 0;
  for (let at = 0; at < ends.length; at++) {
    const lines = AGES.includes(at) ? '' : linesOf(at, look, options);
    text += lines;
    end += lines.length;
    ends[at] = end;
  }
  const bytes = Buffer.from(text);
  // A name may have letters of more than a byte.
  if (bytes.length !== text.length) ends.set(ends.map((to) => Buffer.byteLength(text.slice(0, to))));
  const kept = { bytes, ends, key };
  KEPT.set(state, kept);
  return kept;
}

/** The labels that begin every series of the environment. */
function leadOf({ environment: { id, name } }: EnvironmentState): string {
  return labelText(Object.keys(ENVIRONMENT_LABELS), [id, name]);
}

function linesOf(
  metric: number,
  look: Look,
  { lead, exemplars }: { readonly lead: string; readonly exemplars: boolean },
): string {
  const [name, { labelPrefix, measure }] = OBSERVED_METRICS[metric]!;
  const measured = measure(look);
  if (measured === null) return '';
  if (typeof measured === 'number' || 'counts' in measured) return sampleText(name, lead, measured, exemplars);
  const names = labelPrefix === undefined ? NAMES[metric]! : look.labelKeys.map((key) => labelPrefix + key);
  let text = '';
  for (const { values, value } of measured) {
    text += sampleText(name, names.length === 0 ? lead : `${lead},${labelText(names, values)}`, value, exemplars);
  }
  return text;
}

/** The lines of one metric. */
function joined(rows: readonly Row[], at: number): Buffer {
  const bytes = rows.reduce((sum, { kept: { ends } }) => sum + ends[at]! - (ends[at - 1] ?? 0), 0);
  const all = Buffer.allocUnsafe(bytes);
  let end = 0;
  for (const { kept } of rows) end += kept.bytes.copy(all, end, kept.ends[at - 1] ?? 0, kept.ends[at]!);
  return all;
}

import type { Operation } from '../../domain/environment.ts';
import { OPERATIONS } from '../../domain/environment.ts';
import type { Histogram } from '../../domain/histogram.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import type { LabelsOf, OBSERVED_CATALOGUE, ObservedMetricName, TypeOf } from '../catalogue/catalogue.ts';
import type { ENVIRONMENT_LABELS } from '../catalogue/metric-definition.ts';
import type { Freshness } from './freshness.ts';

type EnvironmentLabel = (typeof ENVIRONMENT_LABELS)[number];
type OwnLabel<N extends ObservedMetricName> = Exclude<LabelsOf<N>, EnvironmentLabel>;
type AnyLabel = OwnLabel<ObservedMetricName>;
type WithPrefix<N extends ObservedMetricName> = (typeof OBSERVED_CATALOGUE)[N] extends {
  labelPrefix: infer P extends string;
}
  ? Readonly<Record<`${P}${string}`, string>>
  : unknown;

/** The labels of a sample in addition to those of its environment: exactly the declared ones. */
export type SampleLabels<N extends ObservedMetricName> = Readonly<Record<OwnLabel<N>, string>> & {
  // A label of another metric is an error at once; `exactMeasures` finds labels of no metric.
  readonly [L in Exclude<AnyLabel, OwnLabel<N>>]?: never;
} & WithPrefix<N>;

/** One sample, without the labels of the environment. */
export interface Sample<N extends ObservedMetricName> {
  readonly labels: SampleLabels<N>;
  readonly value: TypeOf<N> extends 'histogram' ? Histogram : number;
}
export type Samples<N extends ObservedMetricName> = readonly Sample<N>[];

/** What a measure may use besides the state. Nothing here changes every millisecond, because text is cached by it. */
export interface MeasureContext {
  readonly fresh: Freshness;
  /** The keys of configured labels of all watched environments, sorted. */
  readonly labelKeys: readonly string[];
}

/** Turns the state of one environment into the samples of one metric. Pure; an empty list means absent. */
export type Measure<N extends ObservedMetricName> = (state: EnvironmentState, context: MeasureContext) => Samples<N>;
export type Measures<N extends ObservedMetricName> = { readonly [K in N]: Measure<K> };

type KeysOf<T> = T extends unknown ? keyof T : never;
type LabelsIn<M> = M extends (...parameters: never) => readonly (infer S extends { readonly labels: object })[]
  ? KeysOf<S['labels']>
  : never;
type Undeclared<N extends ObservedMetricName, M> = Exclude<LabelsIn<M>, OwnLabel<N>>;
type Exact<T> = {
  readonly [N in keyof T]: N extends ObservedMetricName
    ? (typeof OBSERVED_CATALOGUE)[N] extends { labelPrefix: string }
      ? T[N]
      : [Undeclared<N, T[N]>] extends [never]
        ? T[N]
        : { readonly undeclaredLabel: Undeclared<N, T[N]> }
    : never;
};

/** Rejects measures whose samples have an undeclared label: otherwise a function may return extra ones. */
export function exactMeasures<T extends Partial<Measures<ObservedMetricName>>>(table: T & Exact<T>): T {
  return table;
}

type Unlabelled = { readonly labels: Record<never, never>; readonly value: number };

/** A metric without labels of its own; null is absent, never 0. */
export function single(value: number | null): readonly Unlabelled[] {
  return value === null ? [] : [{ labels: {}, value }];
}

/** One sample for each operation that has series; null is absent. */
export function perOperation(
  { fresh }: MeasureContext,
  read: (operation: Operation) => number | null,
): { readonly labels: { readonly operation: Operation }; readonly value: number }[] {
  const samples: { labels: { operation: Operation }; value: number }[] = [];
  for (const operation of OPERATIONS) {
    const value = fresh.shown[operation] ? read(operation) : null;
    if (value !== null) samples.push({ labels: { operation }, value });
  }
  return samples;
}

/** Prometheus counts time in seconds. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}

export function secondsOrNull(milliseconds: number | null): number | null {
  return milliseconds === null ? null : seconds(milliseconds);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../support/processes.ts';

/** The environment that the recipes name. */
export const ID = 'env_0123456789abcdef';

export const recipePath = (name: string) => join(ROOT, 'deploy/autoscaling', name);

/** A file of deploy/autoscaling, parsed. */
export const recipe = (name: string) => parse(readFileSync(recipePath(name), 'utf8'));

const adapterQuery: string = recipe('prometheus-adapter-values.yaml').rules.external[0].metricsQuery;

/** What is asked of Prometheus for the environment, by whom. */
export const QUERIES: readonly (readonly [string, string])[] = [
  ['KEDA', recipe('keda-prometheus.yaml').spec.triggers[0].metadata.query],
  // The adapter puts the labels of the HorizontalPodAutoscaler's selector in the place of this word.
  ['the Prometheus adapter', adapterQuery.replaceAll('<<.LabelMatchers>>', `environment_id="${ID}"`)],
];

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { cachedRunSync } from '../support/cached-run.ts';
import { FRUGAL_GO } from '../support/frugal-go.ts';
import { ROOT } from '../support/processes.ts';
import { toolPath } from '../support/tool-path.ts';
import type { KubernetesObject } from './kubernetes-object.ts';

export const CHART = join(ROOT, 'deploy/helm/anthropic-work-exporter');

/** The version of the package, and of the chart with it. */
export const { version: VERSION } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** The values that the chart is tried with, beside none at all: its files under ci/. */
export const VALUE_SETS: readonly string[] = readdirSync(join(CHART, 'ci')).toSorted();

/** Values as a map, or the name of a file under ci/. */
export type Values = string | Readonly<Record<string, unknown>>;

export interface HelmResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the pinned Helm in a home of its own. */
export function helm(args: readonly string[], env: Readonly<Record<string, string>> = {}): HelmResult {
  const home = mkdtempSync(join(tmpdir(), 'helm-'));
  try {
    const { status, stdout, stderr } = spawnSync(toolPath('helm'), args, {
      encoding: 'utf8',
      env: { HOME: home, PATH: process.env.PATH, ...FRUGAL_GO, ...env },
      maxBuffer: 64 * 1024 * 1024,
    });
    return { status, stdout, stderr };
  } finally {
    rmSync(home, { recursive: true });
  }
}

/**
 * Runs one command of Helm on a chart with these values. What a chart renders depends on nothing else, nor does what its
 * schema, its own checks or the linter refuse: all that is cached.
 */
export function helmWith(command: readonly string[], values: Values, chart = CHART): HelmResult {
  const text = typeof values === 'string' ? readFileSync(join(CHART, 'ci', values), 'utf8') : stringify(values);
  const run = () => runWith(command, text);
  // The output of other commands has the time in it.
  if (command[0] !== 'template' && command[0] !== 'lint') return run();
  if (command.some((arg) => arg.includes('/') && arg !== chart)) throw new Error('another file than the chart');
  return cachedRunSync({ program: toolPath('helm'), args: [...command, text], folder: chart }, run, isFinal);
}

function isFinal({ status, stderr }: HelmResult): boolean {
  return status === 0 ? stderr === '' : status === 1 && /^Error: (values don't meet|execution error at)/m.test(stderr);
}

function runWith(command: readonly string[], values: string): HelmResult {
  const folder = mkdtempSync(join(tmpdir(), 'values-'));
  try {
    writeFileSync(join(folder, 'values.yaml'), values);
    return helm([...command, '--values', join(folder, 'values.yaml')]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `helm template` of a release `work` in the namespace `monitoring`. */
export function template(values: Values): HelmResult {
  return helmWith(['template', 'work', CHART, '--namespace', 'monitoring'], values);
}

/** The objects of that release. Throws with what Helm says. */
export function rendered(values: Values): readonly KubernetesObject[] {
  const { status, stdout, stderr } = template(values);
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout)
    .map((document) => {
      if (document.errors.length > 0) throw document.errors[0];
      return document.toJS() as KubernetesObject | null;
    })
    .filter((object) => object !== null);
}

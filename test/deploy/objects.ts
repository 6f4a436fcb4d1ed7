import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { TestFolder } from '../cli/files.ts';
import { ROOT } from '../support/processes.ts';
import { FRUGAL_GO, toolPath } from '../support/tools.ts';

/** An object of Kubernetes as YAML gives it; what lies below its metadata is for each test to know. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has a shape of its own.
  readonly [part: string]: any;
}

type Objects = readonly KubernetesObject[];

export const CHART = join(ROOT, 'deploy/helm/anthropic-work-exporter');
export const KUSTOMIZE = join(ROOT, 'deploy/kustomize');
/** What can be built by itself: a component is part of something else. */
export const OVERLAYS = readdirSync(KUSTOMIZE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'sidecar')
  .map(({ name }) => name);

/** The version of the package, and of the chart with it. */
export const { version: VERSION } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** Values as a map, or the name of a file below ci/ of the chart. */
export type Values = string | Readonly<Record<string, unknown>>;

/** The values that the chart is tried with. */
export const VALUE_SETS: readonly (readonly [string, Values])[] = [
  ['no values', {}],
  ...readdirSync(join(CHART, 'ci')).map((name) => [name, name] as const),
];

function run(tool: 'helm' | 'kustomize', args: readonly string[], home: TestFolder) {
  const env = { HOME: home.path, PATH: process.env.PATH, ...FRUGAL_GO };
  return spawnSync(toolPath(tool), args, { encoding: 'utf8', env, maxBuffer: 64 * 1024 * 1024 });
}

/** Runs a command of Helm, with these values. */
export function helm(args: readonly string[], values: Values = {}) {
  using folder = new TestFolder();
  const file = typeof values === 'string' ? join(CHART, 'ci', values) : folder.write('values.yaml', values);
  return run('helm', args[0] === 'package' ? args : [...args, '--values', file], folder);
}

/** `helm template` of a release `work` in the namespace `monitoring`. */
export const template = (values: Values) => helm(['template', 'work', CHART, '--namespace', 'monitoring'], values);

const RENDERED = new Map<string, Objects>();

/** The objects of that release. Throws with what Helm says. */
export function rendered(values: Values): Objects {
  const key = JSON.stringify(values);
  if (!RENDERED.has(key)) {
    const { status, stdout, stderr } = template(values);
    if (status !== 0) throw new Error(stderr);
    RENDERED.set(key, objectsIn(stdout));
  }
  return RENDERED.get(key)!;
}

/** What kustomize builds of a folder. Throws what it complains about, and be it a warning. */
export function kustomized(folder: string): Objects {
  using home = new TestFolder();
  const { status, stdout, stderr } = run('kustomize', ['build', folder], home);
  if (status !== 0 || stderr !== '') throw new Error(stderr);
  return objectsIn(stdout);
}

function objectsIn(yaml: string): Objects {
  return parseAllDocuments(yaml).flatMap((document) => (document.toJS() as KubernetesObject | null) ?? []);
}

/** All objects of a kind. */
export function ofKind(objects: Objects, kind: string): Objects {
  return objects.filter((object) => object.kind === kind);
}

/** The only object of a kind. Throws when there is another number of them. */
export function onlyOf(objects: Objects, kind: string): KubernetesObject {
  const [first, ...more] = ofKind(objects, kind);
  if (first === undefined || more.length > 0) throw new Error(`there are ${more.length + (first ? 1 : 0)} ${kind}`);
  return first;
}

/** What runs the exporter. */
export const workload = (objects: Objects) => objects.find(({ kind }) => /^(?:Deployment|StatefulSet)$/.test(kind))!;
export const pods = (objects: Objects) => workload(objects).spec.template;
export const container = (objects: Objects) => pods(objects).spec.containers[0];
export const configText = (objects: Objects): string =>
  ofKind(objects, 'ConfigMap').find(({ data }) => 'exporter.yaml' in data)!.data['exporter.yaml'];

/** Every key that a configuration names as a file. */
export const keyFiles = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)_file: (\/run\/\S+)/g)].map(([, of, path]) => [
      path!,
      of === 'web_config' ? '{}' : 'a-key',
    ]),
  );

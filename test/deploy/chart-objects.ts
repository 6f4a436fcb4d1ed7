import { expect } from 'vitest';
import { VALUE_SETS, type Values } from './helm.ts';
import { type KubernetesObject, ofKind } from './kubernetes-object.ts';

/** One that a configuration may have by itself: it needs no other key. */
export const ENVIRONMENT = { id: 'env_1', environment_key_file: '/keys/env_1' };

/** The values of this scheme. */
export const speaking = (scheme: string): Readonly<Record<string, unknown>> => {
  const server = { web_config_file: '/run/secrets/anthropic-work-exporter/web.yml' };
  return scheme === 'HTTPS' ? { scheme, config: { environments: [ENVIRONMENT], server } } : { scheme };
};

export const sets: readonly (readonly [string, Values])[] = [
  ['no values', {}],
  ...VALUE_SETS.map((name) => [name, name] as const),
];

export const workload = (objects: readonly KubernetesObject[]) => {
  const [first, ...more] = [...ofKind(objects, 'Deployment'), ...ofKind(objects, 'StatefulSet')];
  expect(more).toEqual([]);
  return first!;
};

export const pods = (objects: readonly KubernetesObject[]) => workload(objects).spec.template;

export const container = (objects: readonly KubernetesObject[]) => pods(objects).spec.containers[0];

export const configText = (objects: readonly KubernetesObject[]): string =>
  ofKind(objects, 'ConfigMap').find(({ data }) => 'exporter.yaml' in data)!.data['exporter.yaml'];

/** Every key that a configuration names as a file. */
export const keyFiles = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)_file: (\/run\/\S+)/g)].map(([, of, path]) => [
      path!,
      of === 'web_config' ? '{}' : 'a-key',
    ]),
  );

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../support/processes.ts';
import { schemaSources } from './schemas.ts';

/** What the values of the chart hold; of the operator, by the name of the member of an endpoint. */
const OF_KUBERNETES = [
  'Affinity',
  'Container',
  'EnvFromSource',
  'EnvVar',
  'NetworkPolicyPeer',
  'PodSecurityContext',
  'SecurityContext',
  'Toleration',
  'TopologySpreadConstraint',
  'Volume',
  'VolumeMount',
];
const OF_OPERATOR = ['basicAuth', 'relabelings', 'tlsConfig'];
/** As volumes are; the rest of them is for what a cluster offers. */
const NOT_FOLLOWED = new Set(['Volume']);

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}
type Members = Record<string, string | null>;

const PATH = join(ROOT, 'src/deploy/kubernetes-members.json');
const { definitions } = JSON.parse(readFileSync(join(schemaSources('k8s.io/kubernetes'), 'swagger.json'), 'utf8'));
const operator = schemaSources('github.com/prometheus-operator/prometheus-operator');
const monitor = parse(readFileSync(join(operator, 'monitoring.coreos.com_servicemonitors.yaml'), 'utf8'));
const endpoint = monitor.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.endpoints.items.properties;

/** The kinds from here on, as those say who made them: of each member which kind it holds, `[]` behind that of a list. */
function collect(): Readonly<Record<string, Members>> {
  const found: Record<string, Members> = {};
  for (const kind of OF_KUBERNETES) {
    const [name] = Object.keys(definitions).filter((one) => one.endsWith(`.v1.${kind}`));
    add(kind, definitions[name!], found);
  }
  for (const kind of OF_OPERATOR) add(kind, endpoint[kind].items ?? endpoint[kind], found);
  return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function add(kind: string, { properties = {} }: Schema, found: Record<string, Members>): void {
  if (Object.hasOwn(found, kind)) return;
  const members: Members = {};
  found[kind] = members;
  for (const [member, schema] of Object.entries(properties).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const held = heldBy(`${kind}.${member}`, schema.items ?? schema);
    members[member] = held === null || NOT_FOLLOWED.has(kind) ? null : `${held.kind}${schema.items ? '[]' : ''}`;
    if (members[member] !== null) add(held!.kind, held!.schema, found);
  }
}

/** The object that a member holds, where it is one with members of its own. */
function heldBy(path: string, { $ref, ...schema }: Schema): { readonly kind: string; readonly schema: Schema } | null {
  const name = $ref?.replace('#/definitions/', '');
  const target: Schema = name === undefined ? schema : definitions[name];
  if (target.properties === undefined) return null;
  return { kind: name === undefined ? path : name.split('.').at(-1)!, schema: target };
}

it('the chart takes every member that objects of Kubernetes and of its operator have, and no other', () => {
  const members = collect();
  if (process.env.RECORD) writeFileSync(PATH, `${JSON.stringify(members, null, 2)}\n`);
  expect(JSON.parse(readFileSync(PATH, 'utf8'))).toEqual(members);
});

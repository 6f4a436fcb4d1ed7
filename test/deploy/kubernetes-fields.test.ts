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
/** Of volumes, what people write by hand; the rest of them is for what a cluster offers. */
const USUAL_VOLUMES = [
  'configMap',
  'downwardAPI',
  'emptyDir',
  'hostPath',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** The only words that a member may be, which the schema of Kubernetes tells in prose alone. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'AppArmorProfile.type': ['Localhost', 'RuntimeDefault', 'Unconfined'],
  'Container.imagePullPolicy': ['Always', 'IfNotPresent', 'Never'],
  'Container.terminationMessagePolicy': ['File', 'FallbackToLogsOnError'],
  'ContainerPort.protocol': ['TCP', 'UDP', 'SCTP'],
  'LabelSelectorRequirement.operator': ['In', 'NotIn', 'Exists', 'DoesNotExist'],
  'NodeSelectorRequirement.operator': ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'],
  'PodSecurityContext.fsGroupChangePolicy': ['OnRootMismatch', 'Always'],
  'PodSecurityContext.supplementalGroupsPolicy': ['Merge', 'Strict'],
  'SeccompProfile.type': ['Localhost', 'RuntimeDefault', 'Unconfined'],
  'Toleration.effect': ['', 'NoSchedule', 'PreferNoSchedule', 'NoExecute'],
  'Toleration.operator': ['', 'Exists', 'Equal'],
  'TopologySpreadConstraint.nodeAffinityPolicy': ['Honor', 'Ignore'],
  'TopologySpreadConstraint.nodeTaintsPolicy': ['Honor', 'Ignore'],
  'TopologySpreadConstraint.whenUnsatisfiable': ['DoNotSchedule', 'ScheduleAnyway'],
};

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
}
type Members = Record<string, string | readonly string[]>;

const PATH = join(ROOT, 'src/deploy/kubernetes-members.json');
const { definitions } = JSON.parse(readFileSync(join(schemaSources('k8s.io/kubernetes'), 'swagger.json'), 'utf8'));
const operator = schemaSources('github.com/prometheus-operator/prometheus-operator');
const monitor = parse(readFileSync(join(operator, 'monitoring.coreos.com_servicemonitors.yaml'), 'utf8'));
const endpoint = monitor.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.endpoints.items.properties;

const LABEL_SELECTOR = definitions['io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement'];

/** The kinds from here on, as those say who made them: of each member what it holds, `[]` behind that of a list. */
function collect(): Readonly<Record<string, Members>> {
  const found: Record<string, Members> = {};
  for (const kind of OF_KUBERNETES) {
    const [name] = Object.keys(definitions).filter((one) => one.endsWith(`.v1.${kind}`));
    add(kind, definitions[name!], found);
  }
  for (const kind of OF_OPERATOR) add(kind, endpoint[kind].items ?? endpoint[kind], found);
  return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function add(kind: string, { properties = {}, required = [] }: Schema, found: Record<string, Members>): void {
  if (Object.hasOwn(found, kind)) return;
  const members: Members = {};
  found[kind] = members;
  for (const [member, schema] of Object.entries(properties).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const name = `${member}${required.includes(member) ? '!' : ''}`;
    const path = `${kind}.${member}`;
    const held = heldBy(path, schema.items ?? schema);
    const words = schema.enum ?? WORDS[path];
    if (words !== undefined) members[name] = words;
    else if (held !== null && (kind !== 'Volume' || USUAL_VOLUMES.includes(member))) {
      members[name] = `${held.kind}${schema.items ? '[]' : ''}`;
      add(held.kind, held.schema, found);
    } else
      members[name] =
        `${path.startsWith('IPBlock.') ? 'network' : plain(schema.items ?? schema)}${schema.items ? '[]' : ''}`;
  }
}

/** The object that a member holds, where it is one with members of its own. */
function heldBy(path: string, { $ref, ...schema }: Schema): { readonly kind: string; readonly schema: Schema } | null {
  const name = referred($ref);
  const target: Schema = name === undefined ? schema : definitions[name];
  if (target.properties === undefined) return null;
  return { kind: name === undefined ? path : name.split('.').at(-1)!, schema: target };
}

/** The name of what a member holds that has no members. */
function plain({ $ref, type, additionalProperties }: Schema): string {
  const name = referred($ref);
  if (name?.endsWith('.Quantity')) return 'quantity';
  if (name?.endsWith('.IntOrString')) return 'port';
  if (additionalProperties?.type === 'string') return 'texts';
  if (referred(additionalProperties?.$ref)?.endsWith('.Quantity')) return 'quantities';
  return name === undefined ? type! : 'object';
}

const referred = (reference: string | undefined) => reference?.replace('#/definitions/', '');

it('the chart takes every member that objects of Kubernetes and of its operator have, and no other', () => {
  const members = collect();
  if (process.env.RECORD) writeFileSync(PATH, `${JSON.stringify(members, null, 2)}\n`);
  expect(JSON.parse(readFileSync(PATH, 'utf8'))).toEqual(members);
});

it.each(Object.entries(WORDS))('Kubernetes describes %s with each of its words', (path, words) => {
  const [kind, member] = path.split('.');
  const { description } =
    definitions[`io.k8s.api.core.v1.${kind}`]?.properties[member!] ?? LABEL_SELECTOR.properties[member!];
  expect(words.filter((word) => !description.includes(word))).toEqual([]);
});

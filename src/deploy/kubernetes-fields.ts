import type { JsonSchema } from '../config/load/configuration-schema.ts';
import { explained, meeting } from './explained.ts';
import members from './kubernetes-members.json' with { type: 'json' };
import { KIND_RULES } from './kubernetes-rules.ts';

type Kind = keyof typeof members;
/** A value without members that are known here. */
type Plain = 'boolean' | 'integer' | 'network' | 'object' | 'port' | 'quantities' | 'quantity' | 'string' | 'texts';
/** What a member holds: a value, an object of another kind, a list of either, or one of a few words. */
type Held = Kind | `${Kind}[]` | Plain | `${Plain}[]` | readonly string[];

/**
 * The fields of the objects of Kubernetes and of the Prometheus Operator that values may hold, at every depth; a `!`
 * follows the name of one that is required. Both silently drop an unknown field, so a pod with a misspelt
 * `readOnlyRootFilesystem` would be writable, and people learn of a wrong value only when the object is applied.
 * `RECORD=1 npx vitest run test/deploy/kubernetes-fields.test.ts` updates them from a newer Kubernetes.
 */
export const KUBERNETES_MEMBERS = members as unknown as Readonly<Record<Kind, Readonly<Record<string, Held>>>>;

/**
 * An object of this kind with no other members than the kind has, each of its type. Members in `narrower` have that
 * schema instead, and are required.
 */
export function objectOf(kind: Kind, narrower: JsonSchema = {}): JsonSchema {
  const known = Object.entries(KUBERNETES_MEMBERS[kind]).map(([marked, held]) => ({
    name: nameOf(marked),
    marked,
    held,
  }));
  const needed = known.filter(({ name, marked }) => marked !== name || Object.hasOwn(narrower, name));
  return {
    type: 'object',
    properties: Object.fromEntries(known.map(({ name, held }) => [name, narrower[name] ?? schemaOf(held)])),
    required: needed.map(({ name }) => name),
    additionalProperties: false,
    ...meeting((KIND_RULES[kind] ?? []).map(([schema, wanted]) => [{ anyOf: [NO_OBJECT, schema] }, wanted])),
  };
}

/** Only the type of a value that is no object is reported. */
const NO_OBJECT: JsonSchema = { not: { type: 'object' } };

const nameOf = (marked: string): string => marked.replace(/!$/, '');

/** The definitions of values and of each kind, for the `$defs` of the schema: kinds hold each other more than once. */
export function kubernetesDefinitions(): JsonSchema {
  const kinds = Object.keys(members) as Kind[];
  const objects = kinds.map((kind) => [kind, { ...objectOf(kind), type: ['object', 'null'] }] as const);
  return Object.fromEntries([...Object.entries(VALUES), ...objects].map(([name, one]) => [`k8s.${name}`, one]));
}

const BYTE = '(25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])';
const NETWORK = `^(${BYTE}(\\.${BYTE}){3}/([12]?[0-9]|3[0-2])|[0-9a-fA-F.]*:[0-9a-fA-F.:]*/([1-9]?[0-9]|1[01][0-9]|12[0-8]))$`;
const QUANTITY = '^\\+?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$';
const RESOURCE = '^(cpu|memory|ephemeral-storage|hugepages-[0-9]+[KMG]i|[a-z0-9.-]+/[A-Za-z0-9._-]+)$';

/** A null takes a default of the chart away. */
const VALUES: Readonly<Record<Plain, JsonSchema>> = {
  boolean: { type: ['boolean', 'null'] },
  integer: { type: ['integer', 'null'] },
  network: explained(
    { type: ['string', 'null'], pattern: NETWORK },
    'a network with the length of its prefix; for example 10.0.0.0/8',
  ),
  object: { type: ['object', 'null'] },
  port: { type: ['integer', 'string', 'null'] },
  quantity: explained(
    { type: ['string', 'number', 'null'], pattern: QUANTITY, minimum: 0 },
    'a quantity of Kubernetes; for example 256Mi of memory, or 100m of a CPU',
  ),
  quantities: {
    type: ['object', 'null'],
    additionalProperties: { $ref: '#/$defs/k8s.quantity' },
    ...explained(
      { propertyNames: { pattern: RESOURCE } },
      'a map of resources: cpu, memory, ephemeral-storage, hugepages-SIZE, or one with its domain such as nvidia.com/gpu',
    ),
  },
  string: { type: ['string', 'null'] },
  texts: { type: ['object', 'null'], additionalProperties: { type: 'string' } },
};

function schemaOf(held: Held): JsonSchema {
  if (typeof held !== 'string') return explained({ enum: [...held, null] }, `one of ${spelt(held).join(', ')}`);
  if (!held.endsWith('[]')) return { $ref: `#/$defs/k8s.${held}` };
  return { type: ['array', 'null'], items: { $ref: `#/$defs/k8s.${held.slice(0, -2)}` } };
}

/** The words worth suggesting: not the empty one, and only the first of those that differ in capitals alone. */
function spelt(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => {
    const same = words.findIndex((other) => other.toLowerCase() === word.toLowerCase());
    return word !== '' && same === index;
  });
}

import type { JsonSchema } from '../config/load/configuration-schema.ts';
import members from './kubernetes-members.json' with { type: 'json' };

/** What a member holds: an object of another kind, a list of them, or anything. */
type Held = keyof typeof members | `${keyof typeof members}[]` | null;

/**
 * The fields of the objects of Kubernetes and of the Prometheus Operator that values may hold, at every depth. Both
 * silently drop an unknown field, so a pod with a misspelt `readOnlyRootFilesystem` would be writable. `RECORD=1 npx
 * vitest run test/deploy/kubernetes-fields.test.ts` takes them over from a newer Kubernetes.
 */
export const KUBERNETES_MEMBERS = members as Readonly<Record<keyof typeof members, Readonly<Record<string, Held>>>>;

/** An object of this kind with no other members than it has; of their values, Kubernetes itself says what is wrong. */
export function objectOf(kind: keyof typeof members, properties: JsonSchema = {}): JsonSchema {
  const known = Object.entries(KUBERNETES_MEMBERS[kind]);
  const all = Object.fromEntries(known.map(([name, held]) => [name, properties[name] ?? schemaOf(held)]));
  return { type: 'object', properties: all, required: Object.keys(properties), additionalProperties: false };
}

/** The definition of each kind, for the `$defs` of the schema: kinds hold each other more than once. */
export function kubernetesDefinitions(): JsonSchema {
  const kinds = Object.keys(members) as (keyof typeof members)[];
  // A null takes a default of the chart away.
  return Object.fromEntries(kinds.map((kind) => [`k8s.${kind}`, { ...objectOf(kind), type: ['object', 'null'] }]));
}

function schemaOf(held: Held): JsonSchema {
  if (held === null) return {};
  if (!held.endsWith('[]')) return { $ref: `#/$defs/k8s.${held}` };
  return { type: ['array', 'null'], items: { $ref: `#/$defs/k8s.${held.slice(0, -2)}` } };
}

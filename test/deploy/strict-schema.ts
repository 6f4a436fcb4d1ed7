type Json = { [key: string]: unknown };

/**
 * A schema of Kubernetes as a JSON Schema that refuses what it does not name: unknown members, as the API server does with
 * strict validation. OpenAPI says in words of its own what may be a number or a text.
 */
export function strictSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strictSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  const own = schema as Json;
  if (own['x-kubernetes-int-or-string'] === true || own.format === 'int-or-string')
    return { oneOf: [{ type: 'string' }, { type: 'integer' }] };
  const copy = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, strictSchema(value)]));
  // Defaults and examples are data, and the words of OpenAPI mean nothing to a validator.
  for (const key of Object.keys(copy)) if (key.startsWith('x-kubernetes-')) delete copy[key];
  delete copy.default;
  if (isQuantity(own)) return { oneOf: [{ type: 'string' }, { type: 'number' }] };
  // The patterns of some resources are for Go, and so is kubeconform: they stay.
  const open = own['x-kubernetes-preserve-unknown-fields'] === true || own['x-kubernetes-embedded-resource'] === true;
  const plain = typeof own.properties === 'object' && own.additionalProperties === undefined && !open;
  // The metadata of a resource of one's own is any object there.
  return plain ? { ...copy, additionalProperties: false } : copy;
}

function isQuantity({ description, type }: Json): boolean {
  return type === 'string' && typeof description === 'string' && description.startsWith('Quantity is a fixed-point');
}

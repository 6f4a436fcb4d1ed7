import type { JsonSchema } from '../config/load/configuration-schema.ts';
import { explained, requiring } from './explained.ts';
import { textLike } from './kubernetes-names.ts';

/** A map that the chart does not read. `global:` with nothing after it is one, too. */
export const anyMap: JsonSchema = { type: ['object', 'null'] };

export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
export const flag: JsonSchema = { type: 'boolean' };

/** A duration of Prometheus, not zero. */
export const interval = textLike('^[1-9][0-9]*(ms|s|m)$', 'a duration in one unit, ms, s or m; for example 30s');

export const address = textLike(
  '^(https?://[^\\s"\\\\{}$?#@]+)?$',
  'an address without login, query and fragment; for example https://grafana.example.com',
);

/**
 * A colon stands only before the port of a registry: a tag in `repository` would be followed by the tag of the chart.
 */
export const REGISTRY = '([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\\[[0-9a-f:.]+\\])(:[0-9]+)?';

export const IMAGE_PART = '[a-z0-9]+((\\.|__?|-+)[a-z0-9]+)*';
export const port: JsonSchema = { type: 'integer', minimum: 1, maximum: 65_535 };

/** The largest number of seconds that Kubernetes takes. */
export const LONGEST = 2 ** 31 - 1;

export const seconds: JsonSchema = { type: 'integer', minimum: 1, maximum: LONGEST };

/**
 * A map with known keys only, so that a misspelt one is reported.
 * @param needed which of them the templates cannot do without
 */
export const section = (properties: JsonSchema, ...needed: readonly string[]): JsonSchema => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...requiring(needed),
});

export const probe = (successes: number): JsonSchema =>
  section({
    initialDelaySeconds: { ...seconds, minimum: 0 },
    periodSeconds: seconds,
    timeoutSeconds: seconds,
    failureThreshold: seconds,
    successThreshold: { ...seconds, maximum: successes },
  });

/** A map, or text, which says nothing until it is rendered. A List has items instead of metadata. */
export const anObject: JsonSchema = {
  type: ['object', 'string'],
  ...explained(
    { required: ['apiVersion', 'kind'], anyOf: [{ required: ['metadata'] }, { required: ['items'] }] },
    'an object of Kubernetes, with apiVersion, kind and metadata',
  ),
};
/**
 * Text only: YAML does not read 1, true and 1.0 as text, and Kubernetes rejects them. No key, because many people can
 * read a Deployment.
 */
export const withoutKey: JsonSchema = {
  type: ['string', 'null'],
  ...explained(
    { not: { type: 'string', pattern: 'sk-ant-' } },
    'a text without a key, which would end up in the Deployment: put the key into a Secret, and name that in valueFrom.secretKeyRef',
  ),
};

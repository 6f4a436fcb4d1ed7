import { configurationSchema, type JsonSchema } from '../config/load/configuration-schema.ts';
import type { Group, Option, OptionNode } from '../config/options/option.ts';
import { options } from '../config/options/options.ts';
import { CHART_VALUES, NEEDED_VALUES } from './chart-values.ts';
import { explained, requiring } from './explained.ts';
import { kubernetesDefinitions } from './kubernetes-fields.ts';
import { providerNeeds } from './provider-needs.ts';
import { withRe2Patterns } from './re2-pattern.ts';
import { VALUES_ELSEWHERE } from './values-elsewhere.ts';

/**
 * The JSON Schema of the chart's values. `config` is the exporter's own file, so its schema comes from the options
 * table, with three differences: keys are forbidden, because they would end up in a ConfigMap; what a provider needs is
 * required; and what is wrong is told in the words of `check`.
 */
export function chartSchema(): JsonSchema {
  const { $schema, title, $defs, not: both, ...file } = configurationSchema();
  tellGroup(file, options);
  const { api, connections } = file.properties as { readonly [key: string]: JsonSchema };
  for (const connection of [api!, connections!.additionalProperties as JsonSchema])
    connection.allOf = [...(connection.allOf as JsonSchema[]), ...providerNeeds()];
  const one = explained({ not: both }, 'either `api` or `connections.default`, not both: they are the same connection');
  return withRe2Patterns({
    $schema,
    title: 'Values of the chart anthropic-work-exporter',
    type: 'object',
    properties: {
      ...CHART_VALUES,
      ...VALUES_ELSEWHERE,
      config: { ...file, ...one, description: "The exporter's configuration file." },
    },
    // Where people keep YAML anchors that several values refer to.
    patternProperties: { '^x-': {} },
    additionalProperties: false,
    ...requiring(NEEDED_VALUES),
    $defs: { ...($defs as JsonSchema), ...kubernetesDefinitions() },
  }) as JsonSchema;
}

/** Puts what each option expects into the words of its failure, and allows a secret only in the form `${NAME}`. */
function tellGroup(schema: JsonSchema, group: Group): void {
  const properties = schema.properties as { [key: string]: JsonSchema };
  for (const [key, node] of Object.entries(group)) {
    const below = properties[key]!;
    if (node.kind === 'option') properties[key] = node.secret ? secret(key, below) : plain(below, node);
    else tellGroup(itemSchema(below, node), node.kind === 'section' ? node.options : node.item);
  }
  if (schema.allOf !== undefined) schema.allOf = (schema.allOf as JsonSchema[]).map(onePair);
}

function plain({ description, default: byDefault, ...schema }: JsonSchema, { type }: Option<unknown>): JsonSchema {
  const about: JsonSchema = byDefault === undefined ? { description } : { description, default: byDefault };
  const good = typeof byDefault === 'string' || typeof byDefault === 'number' ? byDefault : type.example;
  return { ...about, ...explained(schema, `${type.expects}${quoted(type.words)}; for example ${good}`) };
}

/** Helm reads YAML 1.1, where some words are booleans, and the exporter YAML 1.2: who wrote `off` would be told to write off. */
function quoted(words: readonly string[] = []): string {
  const booleans = words.filter((word) => /^(?:on|off|yes|no|y|n)$/i.test(word));
  return booleans.map((word) => ` (in quotes: "${word}")`).join('');
}

function secret(key: string, { description }: JsonSchema): JsonSchema {
  const instead = `put it into a Secret and name its file in ${key}_file`;
  return { description, ...explained(VARIABLE, `\${NAME}, as a key would end up in a ConfigMap: ${instead}`) };
}

const VARIABLE: JsonSchema = { $ref: '#/$defs/variable' };

/** A key comes from one place: `schema` rejects its two options together, and this says so in words. */
function onePair(schema: JsonSchema): JsonSchema {
  const [key, file] = (schema.not as { required: readonly string[] }).required;
  return explained(schema, `either with ${key} or with ${file}, not both`);
}

function itemSchema(schema: JsonSchema, node: OptionNode): JsonSchema {
  if (node.kind === 'list') return schema.items as JsonSchema;
  return node.kind === 'map' ? (schema.additionalProperties as JsonSchema) : schema;
}

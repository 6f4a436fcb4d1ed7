import { configurationSchema, type JsonSchema } from '../config/configuration-schema.ts';
import type { Group, OptionNode } from '../config/option.ts';
import { options } from '../config/options.ts';
import { CHART_VALUES } from './chart-values.ts';
import { withRe2Patterns } from './re2-pattern.ts';

/**
 * The JSON Schema of the chart's values. `config` is the exporter's own file, so its schema comes from the options
 * table, with one difference: keys are forbidden, because they would end up in a ConfigMap.
 */
export function chartSchema(): JsonSchema {
  const { $schema, title, $defs, ...file } = configurationSchema();
  rejectSecrets(file, options);
  return withRe2Patterns({
    $schema,
    title: 'Values of the chart anthropic-work-exporter',
    type: 'object',
    properties: { ...CHART_VALUES, config: { ...file, description: "The exporter's configuration file." } },
    additionalProperties: false,
    $defs: { ...($defs as JsonSchema), variable: unquoted(($defs as { variable: JsonSchema }).variable) },
  }) as JsonSchema;
}

/** The same schema, with failures that quote no value: the wrong value may be a key. */
function unquoted({ description, ...schema }: JsonSchema): JsonSchema {
  return { description, not: { not: schema } };
}

/** Allows a secret only in the form `${NAME}`. */
function rejectSecrets(schema: JsonSchema, group: Group): void {
  const properties = schema.properties as { [key: string]: JsonSchema };
  for (const [key, node] of Object.entries(group)) {
    const below = properties[key]!;
    if (node.kind === 'option') {
      if (node.secret) properties[key] = { description: below.description, $ref: '#/$defs/variable' };
    } else rejectSecrets(itemSchema(below, node), node.kind === 'section' ? node.options : node.item);
  }
}

function itemSchema(schema: JsonSchema, node: OptionNode): JsonSchema {
  if (node.kind === 'list') return schema.items as JsonSchema;
  return node.kind === 'map' ? (schema.additionalProperties as JsonSchema) : schema;
}

import { aboutOf, childOf, isGroup, keysOf, optionOf } from '../config/option-tree.ts';
import { fileSchema } from '../config/options.ts';

type Schema = ReturnType<typeof childOf>;

/** A whole configuration file with every option, its default and its purpose. It is valid as it is. */
export function configurationExample(): string {
  const names = keysOf(fileSchema).filter((name) => name !== 'api');
  return `${names.flatMap((name) => lines(name, childOf(fileSchema, name), '')).join('\n')}\n`;
}

function lines(name: string, schema: Schema, indent: string): readonly string[] {
  if (!isGroup(schema)) return [optionLine(name, schema, indent)];
  const deeper = `${indent}  `;
  const below = (group: Schema, at: string, names = keysOf(group)) =>
    names.flatMap((key) => lines(key, childOf(group, key), at));
  if (keysOf(schema).length > 0)
    return [`${indent}${name}: # ${aboutOf(schema).description}`, ...below(schema, deeper)];
  const item = childOf(schema, 0);
  if (name === 'connections')
    return [`${indent}${name}: # by name`, `${deeper}default:`, ...below(item, `${deeper}  `)];
  // What is at the top of the file, too, is shown only there.
  const shared = keysOf(item).filter((key) => keysOf(fileSchema).includes(key));
  const own = keysOf(item).filter((key) => !shared.includes(key));
  const [first, ...rest] = below(item, `${deeper}  `, own);
  return [
    `${indent}${name}:`,
    `${deeper}- ${first!.trimStart()}`,
    ...rest,
    `${deeper}  # ${shared.join(', ')}: what differs here from below, leaf by leaf`,
    `${deeper}  thresholds: { queue_age: { warning: 2m } }`,
  ];
}

/** Options without a default are commented out, except the key file: without a key there is nothing to read. */
function optionLine(name: string, schema: Schema, indent: string): string {
  const option = optionOf(schema!);
  const hasDefault = option.default !== undefined;
  const isOff = option.secret || (!hasDefault && !option.required && !name.endsWith('_file'));
  return `${indent}${isOff ? '# ' : ''}${name}: ${option.example ?? writeValue(option.default)} # ${option.description}`;
}

/** A default as YAML on one line. */
export function writeValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

import { GIVEN } from '../config/environment.ts';
import { childOf, isGroup, keysOf, OPTIONS, type Schema, TREE } from '../config/options.ts';
import { PRESETS, PROVIDERS } from '../wire/presets.ts';
import { table } from './tables.ts';

const code = (text: string) => `\`${text}\``;

/** The generated parts of docs/configuration.md. */
export function configurationParts(): Readonly<Record<string, string>> {
  const file = ['`--config`', '`ANTHROPIC_WORK_EXPORTER_CONFIG`', 'the configuration file'];
  const flags = GIVEN.flatMap(({ path, env, flag }) => (flag ? [[code(flag), code(env), code(path)]] : []));
  const variables = GIVEN.flatMap(({ path, env, flag }) => (flag ? [] : [[code(env), code(path)]]));
  return {
    variables: table(['variable', 'option'], variables),
    flags: table(['flag', 'variable', 'option'], [file, ...flags]),
    providers: providers(),
    options: options(),
  };
}

function providers(): string {
  const words = (kinds: readonly string[]) => kinds.join(', else ').replaceAll('_', ' ') || 'not offered';
  const rows = PROVIDERS.map((provider) => {
    const { baseUrlTemplate, workspaceRequired, credentials } = PRESETS[provider];
    const { stats, list, retrieve, environments, session } = credentials;
    const keys = [stats, list, retrieve, environments, session].map(words);
    return [code(provider), code(baseUrlTemplate), ...keys, workspaceRequired ? 'required' : ''];
  });
  return table(['provider', 'base_url', 'stats', 'list', 'one item', 'discovery', 'sessions', 'workspace_id'], rows);
}

function options(): string {
  const names = keysOf(TREE);
  const top = entriesOf((path) => names.includes(path));
  return [`### Top level\n\n${top}`, ...names.filter((name) => isGroup(childOf(TREE, name))).map(section)].join('\n\n');
}

function section(name: string): string {
  const schema = childOf(TREE, name)!;
  const title = `### \`${name}\`\n\n${schema.description}`;
  if (name === 'api') return `${title} Same options as \`connections\`.`;
  const shared = sharedKeys(schema);
  const also = shared.length === 0 ? '' : ` Also accepts ${shared.map((key) => `\`${key}\``).join(', ')}.`;
  const isShared = (path: string) => shared.some((key) => path.startsWith(`${name}[].${key}`));
  return `${title}${also}\n\n${entriesOf((path) => path.split(/[.[]/)[0] === name && !isShared(path))}`;
}

/** The settings of an entry that are at the top of the file, too: they are shown only there. */
const sharedKeys = (schema: Schema) => keysOf(childOf(schema, 0)).filter((key) => keysOf(TREE).includes(key));

function entriesOf(isIn: (path: string) => boolean): string {
  const entries = OPTIONS.filter(({ path }) => isIn(path)).map(({ path, option, isRequired }) => {
    const fallback = option.default === undefined ? 'no default' : `\`${inYaml(option.default)}\``;
    return `- \`${path}\` (${option.kind}; ${isRequired ? 'required' : fallback}): ${option.description}`;
  });
  return entries.join('\n');
}

/** A value on one line. */
const inYaml = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** A whole configuration file with every option, its default and its purpose. It is valid as it is. */
export function configurationExample(): string {
  return `${below(TREE, '', (name) => name !== 'api').join('\n')}\n`;
}

function below(group: Schema, indent: string, isIn: (name: string) => boolean = () => true): readonly string[] {
  return keysOf(group)
    .filter(isIn)
    .flatMap((name) => lines(name, childOf(group, name)!, indent));
}

function lines(name: string, schema: Schema, indent: string): readonly string[] {
  const deeper = `${indent}  `;
  if (!isGroup(schema)) {
    // What has no default is commented out, except the id and the key file: without a key there is nothing to read.
    const isOff = schema.secret || (schema.default === undefined && name !== 'id' && !name.endsWith('_file'));
    const value = schema.example ?? inYaml(schema.default);
    return [`${indent}${isOff ? '# ' : ''}${name}: ${value} # ${schema.description}`];
  }
  if (keysOf(schema).length > 0) return [`${indent}${name}: # ${schema.description}`, ...below(schema, deeper)];
  const item = childOf(schema, 0)!;
  if (name === 'connections') return [`${name}: # by name`, `${deeper}default:`, ...below(item, `${deeper}  `)];
  const shared = sharedKeys(schema);
  const [first, ...rest] = below(item, `${deeper}  `, (key) => !shared.includes(key));
  const others = `${deeper}  # ${shared.join(', ')}: what differs here from above, leaf by leaf`;
  const example = `${deeper}  thresholds: { queue_age: { warning: 2m } }`;
  return [`${indent}${name}:`, `${deeper}- ${first!.trimStart()}`, ...rest, others, example];
}

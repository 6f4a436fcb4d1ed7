import type { Group, Option, OptionNode } from '../config/options/option.ts';
import { options } from '../config/options/options.ts';

/** Sections that also exist at the top level: the example shows them only there. */
const SHOWN_AT_THE_TOP: readonly string[] = [
  'poll',
  'sessions',
  'thresholds',
  'slo',
  'scaling',
  'metadata',
  'exemplars',
];

/** A whole configuration file with every option, its default and its purpose. It is valid as it is. */
export function configurationExample(): string {
  const { api: _sameAsConnections, ...shown } = options;
  return `${writeGroup(shown, '').join('\n')}\n`;
}

function writeGroup(group: Group, indent: string): string[] {
  return Object.entries(group).flatMap(([key, node]) => writeNode(key, node, indent));
}

function writeNode(key: string, node: OptionNode, indent: string): string[] {
  if (node.kind === 'option') return [writeOption(key, node, indent)];
  const deeper = `${indent}  `;
  if (node.kind === 'section') return [`${indent}${key}: # ${node.help}`, ...writeGroup(node.options, deeper)];
  if (node.kind === 'map') {
    return [`${indent}${key}: # by name`, `${deeper}default:`, ...writeGroup(node.item, `${deeper}  `)];
  }
  const own = Object.fromEntries(Object.entries(node.item).filter(([name]) => !SHOWN_AT_THE_TOP.includes(name)));
  const [first, ...rest] = writeGroup(own, `${deeper}  `);
  return [
    `${indent}${key}:`,
    `${deeper}- ${first!.trimStart()}`,
    ...rest,
    `${deeper}  # ${SHOWN_AT_THE_TOP.join(', ')}: what differs here from below, leaf by leaf`,
    `${deeper}  thresholds: {queue_age: {warning: 2m}}`,
  ];
}

/** Options without a default are commented out, except the key file: without a key there is nothing to read. */
function writeOption(key: string, option: Option<unknown>, indent: string): string {
  const value = option.example ?? (option.default === undefined ? option.type.example : writeValue(option.default));
  const off = option.secret || (option.default === undefined && option.example === null);
  return `${indent}${off ? '# ' : ''}${key}: ${value} # ${option.help}`;
}

/** A default as YAML on one line. */
export function writeValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

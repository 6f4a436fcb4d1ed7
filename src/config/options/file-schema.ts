import { z } from 'zod';
import { CONNECTION_NAME } from './connection-options.ts';
import type { Group, OptionNode, Values } from './option.ts';
import { options } from './options.ts';

/** What a whole file says, checked leaf by leaf; required options are checked elsewhere. */
export type FileValues = Values<typeof options>;

/** A strict object of optional members: a file may omit anything and add nothing unknown. */
function groupSchema(group: Group): z.ZodType {
  const shape = Object.entries(group).map(([key, node]) => [key, nodeSchema(node).optional()] as const);
  return z.strictObject(Object.fromEntries(shape));
}

function nodeSchema(node: OptionNode): z.ZodType {
  if (node.kind === 'option') return node.type.schema;
  if (node.kind === 'section') return groupSchema(node.options);
  if (node.kind === 'list') return z.array(groupSchema(node.item));
  return z.record(z.string().regex(CONNECTION_NAME), groupSchema(node.item));
}

/** The zod schema of a configuration file, built from the options table. */
export const fileSchema = groupSchema(options) as z.ZodType<FileValues>;

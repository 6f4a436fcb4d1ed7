import { z } from 'zod';
import type { OptionType } from './option.ts';
import { option, ownVariable } from './option.ts';

/** As written: `auto` is the number at the end of the host name. */
export interface WrittenShard {
  readonly index: number | 'auto';
  readonly count: number;
}

const SHARD = /^(auto|0|[1-9]\d{0,2})\/([1-9]\d{0,2}|1000)$/;

function parseShard(written: string): WrittenShard | null {
  const match = SHARD.exec(written);
  if (match === null) return null;
  const [index, count] = [match[1] === 'auto' ? ('auto' as const) : Number(match[1]), Number(match[2])];
  return index === 'auto' || index < count ? { index, count } : null;
}

const shard: OptionType<WrittenShard> = {
  schema: z
    .string()
    .regex(SHARD)
    .transform((written) => parseShard(written) ?? { index: 0, count: 0 })
    .refine(({ count }) => count > 0),
  expects: 'I/N, with I from 0 to N - 1, or auto/N; N is at most 1000',
  example: '0/3',
  name: 'shard',
  scalar: 'text',
};

export const shardOption = option(
  shard,
  'Which part of the fleet this process watches: `I/N` is part I, counted from 0, of N; `auto/N` takes I from the number that ends the host name, as in a StatefulSet. Each part uses 1/N of every `requests_per_minute`.',
  { default: '0/1', env: ownVariable('SHARD'), flag: '--shard' },
);

import { counted } from '../../base/text.ts';
import { type Shard, shardOf, shardShare } from '../../domain/shard.ts';
import type { FleetConfig } from '../config.ts';
import { quote } from '../file/quote.ts';
import type { WrittenShard } from '../options/shard-option.ts';
import type { ResolveContext } from './resolve-context.ts';

/**
 * The number of a pod of a StatefulSet, or of a host whose name is letters and a number. A pod of a Deployment has no
 * such number: its name ends with random characters.
 */
const ORDINAL = /(?:^[A-Za-z]*|[-_])(\d{1,6})$/;

/** The shard of this process; reports if it cannot be determined. */
export function resolveShard({ index, count }: WrittenShard, { report, hostName }: ResolveContext): Shard {
  if (index !== 'auto') return { index, count };
  const host = hostName.split('.')[0]!;
  const ordinal = ORDINAL.exec(host)?.[1];
  if (ordinal === undefined) {
    const remedy = `write I/${count}, or run it as a StatefulSet, whose pods are numbered; check --shard 0/${count} checks the file anywhere`;
    report.problem(['shard'], `auto needs a host name that ends in a number, and this one is ${quote(host)}`, remedy);
    return { index: 0, count };
  }
  if (Number(ordinal) < count) return { index: Number(ordinal), count };
  const what = `host ${quote(host)} is number ${Number(ordinal)}, and with auto/${count} the last one is ${count - 1}`;
  report.problem(
    ['shard'],
    what,
    `run ${counted(count, ['replica', 'replicas'])}, or write auto/N with as many as there are`,
  );
  return { index: 0, count };
}

/** What each of `count` shards gets of a fleet's configuration: its environments, and its part of every budget. */
export function partsOfFleet(whole: FleetConfig, count: number): readonly FleetConfig[] {
  if (count === 1) return [whole];
  const own = Map.groupBy(whole.environments, ({ environment }) => shardOf(environment.id, count));
  return Array.from({ length: count }, (_, index) => ({
    ...whole,
    environments: own.get(index) ?? [],
    connections: whole.connections.map((connection) => ({
      ...connection,
      requestsPerMinute: shardShare(connection.requestsPerMinute, { index, count }),
    })),
  }));
}

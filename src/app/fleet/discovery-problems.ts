import { counted } from '../../base/counted.ts';
import type { Logger } from '../../base/logger.ts';
import type { ConnectionConfig } from '../../config/config.ts';
import type { Fleet } from '../../discovery/fleet.ts';
import type { ConnectionProblem } from '../../server/http/server-deps.ts';
import type { DiscoveryOutcome } from './discovery-set.ts';

/** For a discovery that works but finds nothing that the exporter may watch. */
export const FRUITLESS_REMEDY =
  'Only self-hosted environments that are not archived are watched: create one, or check discovery.include, discovery.exclude and the workspace of the API key.';

/**
 * Whether a discovery succeeded but found nothing to watch. Environments that exceed the limits are reported as dropped
 * instead, and those that are watched through another connection count as watched.
 */
export function isFruitless(outcome: DiscoveryOutcome, fleet: Fleet): boolean {
  const { connection } = outcome;
  return watchesNothing(outcome, fleet) && !fleet.droppedOf.has(connection) && !fleet.sharing.has(connection);
}

/**
 * Whether the latest discovery of a connection succeeded but left nothing of the connection to watch, for any shard.
 */
export function watchesNothing({ connection, failure }: DiscoveryOutcome, { members, elsewhere }: Fleet): boolean {
  return (
    failure === null && elsewhere === 0 && !members.some(({ environment }) => environment.connection === connection)
  );
}

/** Logs that a discovery finds nothing to watch: once, and again when it had found something meanwhile. */
export class FruitlessLog {
  readonly #logger: Logger;
  readonly #logged = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  note(outcome: DiscoveryOutcome, fleet: Fleet): void {
    const { connection, found } = outcome;
    if (!isFruitless(outcome, fleet)) {
      this.#logged.delete(connection);
    } else if (!this.#logged.has(connection)) {
      this.#logged.add(connection);
      const fields = { event: 'discovery.fruitless', connection, found, remedy: FRUITLESS_REMEDY };
      this.#logger.warn(fields, 'discovery finds nothing to watch');
    }
  }
}

/** Discoveries that failed or found nothing to watch: what is not watched shows up nowhere else. */
export function discoveryProblems(
  outcomes: readonly DiscoveryOutcome[],
  fleet: Fleet,
  connections: readonly Pick<ConnectionConfig, 'name' | 'apiKey'>[],
): ConnectionProblem[] {
  const keySources = new Map(connections.map(({ name, apiKey }) => [name, apiKey?.source]));
  return outcomes.flatMap((outcome) => {
    const { connection, failure, found } = outcome;
    if (failure !== null) {
      const text = `discovery of connection ${connection} fails (${failure.reason}): ${failure.message}`;
      const source = keySources.get(connection);
      // Health is open to everyone, so the option names the key, and only the log names its file.
      const remedy = source?.startsWith('file ') ? failure.remedy.replaceAll(source, 'its file') : failure.remedy;
      return [{ connection, text, remedy }];
    }
    if (!isFruitless(outcome, fleet)) return [];
    const text = `discovery of connection ${connection} found nothing to watch among ${counted(found)}`;
    return [{ connection, text, remedy: FRUITLESS_REMEDY }];
  });
}

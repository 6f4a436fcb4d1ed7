import type { Operation } from '../../domain/environment.ts';
import { isRunning } from '../../domain/work.ts';
import type { EnvironmentState, ItemsSnapshot } from '../../state/environment-state.ts';

/** What a good read showed, so that a person can see that it is the right environment. */
export function readSummary({ queue, items }: Pick<EnvironmentState, 'queue' | 'items'>, operation: Operation): string {
  if (operation === 'list') return items === null ? '' : itemsText(items);
  if (queue === null) return '';
  const { depth, pending, workersPolling } = queue.stats;
  return `depth ${depth}, pending ${pending}, workers polling ${workersPolling ?? 'unknown'}`;
}

/** Items that wait are told apart from those that a worker has. */
function itemsText({ live }: ItemsSnapshot): string {
  const states = [...live.values()].map(({ item }) => item.state);
  const queued = states.filter((state) => state === 'queued').length;
  const running = states.filter(isRunning).length;
  const others = states.length - queued - running;
  return `${queued} queued, ${running} running${others === 0 ? '' : `, ${others} in an unknown state`}`;
}

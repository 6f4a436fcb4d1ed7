import { board } from '../parts/board.ts';
import { UID } from '../parts/links.ts';
import { environmentRows } from './environment-rows.ts';
import { environmentStats } from './environment-stats.ts';

/** The drill-down: what is wrong with this environment? */
export function environment() {
  return board({
    uid: UID.environment,
    title: 'Work queues / Environment',
    description: 'Why is work not done? One environment, or a few to compare: choose them by name at the top.',
    from: 'now-6h',
    marks: 'alerts',
    rows: [environmentStats(), ...environmentRows()],
  });
}

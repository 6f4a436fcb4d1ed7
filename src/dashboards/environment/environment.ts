import { board } from '../parts/board.ts';
import { UID } from '../parts/links.ts';
import { MOST_DRAWN } from '../parts/variables.ts';
import { environmentRows } from './environment-rows.ts';
import { environmentTiles } from './environment-tiles.ts';

/** The drill-down: what is wrong with this environment? */
export function environment() {
  return board({
    uid: UID.environment,
    title: 'Work queues / Environment',
    description: `Why is work not done? It opens on the worst environment. Choose others by name at the top, worst first; of more than ${MOST_DRAWN} the worst ${MOST_DRAWN} are shown. Charts with several kinds of lines add environments up.`,
    from: 'now-6h',
    marks: 'alerts',
    opensOn: 'worst',
    rows: [...environmentTiles(), ...environmentRows()],
  });
}

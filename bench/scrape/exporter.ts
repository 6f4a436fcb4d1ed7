/**
 * The exporter's own server over a fleet that this process holds, without a poller. Told `all`, it leaves what a read of
 * stats and list of every environment leaves; `some`: of every twelfth and every twenty-fifth, as many as the default
 * budget reads between two scrapes 30 s apart.
 */
import { systemClock } from '../../src/base/clock.ts';
import { createExposition } from '../../src/metrics/exposition.ts';
import { createServer } from '../../src/server/server.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { serverDeps } from '../../test/support/http-server.ts';
import { afterListRead, afterStatsRead, benchFleet, NOW } from './fleet.ts';

const states = new MemoryStateStore();
states.replaceAll(benchFleet(Number(process.argv[2])));
const metrics = createExposition({
  ...{ states, self: { write: async () => [] }, clock: { now: () => NOW }, skewMs: () => 0 },
});
const deps = serverDeps([], { states, clock: systemClock });
const server = createServer({ ...deps, metrics, probe: { ...deps.probe, render: () => null } });
const { port } = await server.listen();

let run = 0;
process.on('message', (reads: 'all' | 'some') => {
  run++;
  const [stats, list] = reads === 'all' ? [1, 1] : [12, 25];
  for (const [index, { environment }] of states.all().entries()) {
    if ((index + run) % stats === 0) states.update(environment.id, (state) => afterStatsRead(state, run % 10));
    if ((index + run) % list === 0) states.update(environment.id, afterListRead);
  }
  process.send?.({});
});
process.on('disconnect', () => process.exit());
process.send?.({ port });

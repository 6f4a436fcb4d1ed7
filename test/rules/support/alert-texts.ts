import { deadStats, outage } from '../situations/worker-situations.ts';
import { alone } from './rule-case.ts';
import { environment, exporter, JOB, type Series } from './series.ts';

interface Text {
  readonly name: string;
  readonly series: readonly Series[];
  readonly minute: number;
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description: string;
}

const E = { job: JOB, environment_id: 'e', environment_name: 'x' };
/** What the alerts say in some situations, word by word. */
export const TEXTS: readonly Text[] = [
  {
    name: 'no workers: how many wait, since when, and the limit',
    series: alone(deadStats(10)),
    minute: 15.5,
    alert: 'NoWorkers',
    labels: { ...E, severity: 'critical' },
    summary: 'x: no workers, 6 waiting, oldest 5m 30s (limit 5m 0s)',
    description:
      'Nobody takes the work of environment x (e): no worker is known to poll and serve. Its oldest item has waited since 00:10 UTC. The queue grows. Start the workers of this environment, or undo the change that stopped them.',
  },
  {
    name: 'no workers, and the API cannot be read: the page says so',
    series: alone(outage(deadStats(10), 20, 60)),
    minute: 30,
    alert: 'NoWorkers',
    labels: { ...E, severity: 'critical' },
    summary: 'x: no workers, an unknown number waiting, oldest unknown (limit 5m 0s)',
    description:
      'Nobody takes the work of environment x (e): no worker is known to poll and serve. It cannot be read now, so this may be over: the page stays until workers are seen. Start the workers of this environment, or undo the change that stopped them.',
  },
  {
    name: 'a backlog that grows',
    series: alone({
      ageWarning: Infinity,
      age: (minute) => Math.max(0, minute - 10) * 60,
      depth: (minute) => minute,
      head: (minute) => 600 + minute,
      itemsActive: 3,
      acknowledged: (minute) => minute,
      stopped: (minute) => minute,
    }),
    minute: 30,
    alert: 'OldestItemTooOld',
    labels: { ...E, severity: 'critical' },
    summary: 'x: 30 waiting, oldest 20m 0s (limit 15m 0s)',
    description:
      'Work of environment x (e) is not taken in time. Its oldest item has waited since 00:10 UTC. The queue grows. Look at the workers: too few, too slow, or passing over one item.',
  },
  {
    name: 'runs that do not finish: whole numbers',
    series: alone({
      acknowledged: (minute) => minute * 1.3,
      stopped: 0,
      lapsed: (minute) => minute * 1.3,
      staleActive: 1,
      staleWarning: Infinity,
    }),
    minute: 30,
    alert: 'LeasesLapsing',
    labels: { ...E, severity: 'critical' },
    summary: 'x: runs do not finish, about 20 lost in 15 minutes',
    description:
      'Nearly every run of environment x (e) loses its lease and starts over: workers die or hang while they serve. Undo their last change.',
  },
  {
    name: 'an outage: how many, and which, though another connection has one of its own',
    series: [
      ...exporter(),
      ...['e1', 'e2', 'e3'].flatMap((id) => environment(outage({}, 10, 60), { id, name: `n-${id}` })),
      ...environment(outage({}, 10, 60), { id: 'e4', name: 'n-e4', connection: 'other' }),
      ...environment({}, { id: 'e5', name: 'n-e5', connection: 'other' }),
    ],
    minute: 20,
    alert: 'ApiUnreachable',
    labels: { job: JOB, connection: 'default', severity: 'critical' },
    summary: 'API not readable: 3 environments of connection default unseen',
    description:
      "These environments of connection default cannot be read: n-e1, n-e2, n-e3. It is the API or the network between it and the exporter, not the workers; their queue alerts stay as they were. Look at the failures in the exporter's log, and ask the API yourself.",
  },
  {
    name: 'a deleted environment: what to do',
    series: alone({ ...outage({}, 10, 60), stats404: (minute) => Math.max(0, minute - 10) }),
    minute: 25,
    alert: 'EnvironmentMisconfigured',
    labels: { ...E, connection: 'default', reason: 'not_found', severity: 'warning' },
    summary: 'x: deleted at the API, or a wrong id',
    description:
      'The API does not know environment x (e): it was deleted there and is still in the configuration, or its id is wrong. Take it out of the configuration, or correct the id.',
  },
];

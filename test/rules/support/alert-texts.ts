import { comesAndGoes } from '../situations/flapping-situations.ts';
import { deadStats } from './dead-fleet.ts';
import { step } from './lines.ts';
import { outage } from './outage.ts';
import { alone } from './rule-case.ts';
import { environment, exporter, JOB, type Series } from './series.ts';

interface Text {
  readonly name: string;
  readonly series: readonly Series[];
  readonly minute: number;
  readonly alert: string;
  /** Another alert that this one goes on with. */
  readonly beside?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description: string;
}

const E = { job: JOB, environment_id: 'e', environment_name: 'x' };
/** Of five environments, the keys of two are refused from minute 10 on, and reads of the others time out. */
const TWO_REFUSED_OF_FIVE = ['e1', 'e2', 'e3', 'e4', 'e5'].flatMap((id, index) =>
  environment(
    {
      ...outage({}, 10, 60),
      [index < 2 ? 'stats401' : 'statsTimeout']: (minute: number) => Math.max(0, minute - 10) * 2,
    },
    { id, name: `n-${id}` },
  ),
);
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
    name: 'statistics that do not know of a wait: for how long, and what to do',
    series: alone({ itemsQueued: step(5, 0, 3), sinceQueued: step(5, null, 300) }),
    minute: 35,
    alert: 'CoverageReduced',
    labels: { ...E, coverage: 'waits', severity: 'warning' },
    summary: 'x: the list shows a long wait that the statistics do not know of',
    description:
      'The item list of environment x (e) shows an item that has waited for 30m 0s. Its statistics say that nothing waits for so long, and the alerts about waiting follow the statistics. Look at both answers of the API, and report to the service which of them is wrong.',
  },
  {
    name: 'more environments without workers than a page can name',
    series: [
      ...exporter(),
      ...Array.from({ length: 11 }, (_, index) => `n${String(index).padStart(2, '0')}`).flatMap((id) =>
        environment(
          { ...deadStats(10), age: (minute) => (minute < 10 ? 0 : (minute - 10) * 60 + 1 + Number(id.slice(1))) },
          { id, name: id },
        ),
      ),
    ],
    minute: 20,
    alert: 'NoWorkersAnywhere',
    labels: { job: JOB, severity: 'critical' },
    summary: '11 environments without workers: n01, n02, n03, …',
    description:
      'Nobody takes the work of 11 environments, and they stopped together: n01, n02, n03, n04, n05, n06, n07, n08, n09, n10 and others. Look for what they share: a release of the workers, a cluster, a network, a key.',
  },
  {
    name: 'an API that comes and goes, at a moment when it answers',
    series: [...exporter(), ...['e1', 'e2'].flatMap((id) => environment(comesAndGoes(), { id, name: id }))],
    minute: 25.5,
    alert: 'ApiUnreachable',
    labels: { job: JOB, connection: 'default', severity: 'critical' },
    summary: 'API not readable: 2 environments of connection default unseen',
    description:
      "These environments of connection default cannot be read: e1, e2. It is the API or the network between it and the exporter, not the workers; their queue alerts stay as they were. Look at the failures in the exporter's log, and ask the API yourself.",
  },
  {
    name: 'one environment that cannot be read: why most of its reads fail',
    series: alone({
      ...outage({}, 10, 60),
      statsTimeout: (minute) => Math.max(0, Math.min(minute, 11) - 10) * 2,
      stats5xx: (minute) => Math.max(0, minute - 11) * 2,
      listTimeout: (minute) => Math.max(0, minute - 10) * 9,
    }),
    minute: 20,
    alert: 'EnvironmentNotVisible',
    labels: { ...E, connection: 'default', severity: 'critical' },
    summary: 'x: unseen for 10m 0s',
    description:
      "The exporter cannot read environment x (e), so its queue alerts stay as they were. Most failures are `server_error`. Look at the failures in the exporter's log and ask the API yourself.",
  },
  {
    name: 'a key that is refused for two environments, while reads of three more time out',
    series: [...exporter({ rejected: (minute) => (minute < 10 ? 0 : 1) }), ...TWO_REFUSED_OF_FIVE],
    minute: 20,
    alert: 'CredentialRejected',
    labels: { job: JOB, connection: 'default', severity: 'critical' },
    summary: 'Key refused: 2 environments of connection default unseen',
    description:
      'The API answers 401 or 403 to the exporter. These environments of connection default cannot be read: n-e1, n-e2. 3 more cannot be read for another reason. It is the API key of the connection, or, where each environment is read with its own key, those keys: give the exporter valid ones.',
  },
  {
    name: 'a refused environment key, which the workers share',
    series: alone({
      ...deadStats(10),
      upList: (minute) => (minute < 10 ? 1 : 0),
      list401: (minute) => Math.max(0, minute - 10) * 2,
    }),
    minute: 20,
    alert: 'ApiAuthFailing',
    labels: { ...E, connection: 'default', severity: 'critical' },
    summary: 'x: the API refuses the environment key',
    description:
      'The API answers 401 or 403 for environment x (e): it refuses the environment key, which the workers may share: then nobody takes its work. Replace the key where it is used.',
  },
  {
    name: 'fewer workers than configured: not rounded to as many',
    series: alone({ minWorkers: 3, polling: (minute) => (Math.floor(minute) % 2 ? 2 : 3) }),
    minute: 30,
    alert: 'WorkersBelowMinimum',
    labels: { ...E, severity: 'warning' },
    summary: 'x: 2.5 live workers on average, fewer than the 3 configured',
    description:
      'Environment x (e) had fewer live workers over the last ten minutes than `thresholds.min_workers` demands. Look for workers that crash or do not start.',
  },
];

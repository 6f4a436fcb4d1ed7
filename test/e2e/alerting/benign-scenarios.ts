import { type LiveScenario, plays } from './live-scenario.ts';

/** What looks like an incident and is everyday life. */
export const BENIGN_SCENARIOS: readonly LiveScenario[] = [
  { cause: 'work as usual', exporter: 'two', steps: plays('steady', 20), tells: [] },
  { cause: 'work as usual, API key alone', exporter: 'two', keys: 'api-key', steps: plays('steady', 20), tells: [] },
  {
    cause: 'work as usual, worker count withheld',
    exporter: 'two',
    simulator: { switches: { workersPollingNull: true } },
    steps: plays('steady', 20),
    tells: [],
  },
  { cause: 'a deploy every five minutes', exporter: 'two', steps: plays('deploy', 20), tells: [] },
  { cause: 'workers restarted every two minutes', exporter: 'two', steps: plays('rolling-restart', 20), tells: [] },
  { cause: 'sessions that wake up again and again', exporter: 'two', steps: plays('requeue-storm', 20), tells: [] },
  { cause: 'scaled to zero and back', exporter: 'two', steps: plays('scale-to-zero', 20), tells: [] },
  {
    cause: 'late heartbeats, and a tool that runs on after a stop',
    exporter: 'two',
    environments: 3,
    steps: plays('official-workers', 20),
    tells: [],
  },
  {
    cause: 'runs of a quarter of an hour',
    exporter: 'two',
    before: 'long-runs',
    steps: plays('long-runs', 20),
    tells: [],
  },
  { cause: 'a burst of forty items', exporter: 'two', steps: plays('burst', 20), tells: [] },
  {
    cause: 'a healthy backlog, API key alone',
    exporter: 'two',
    keys: 'api-key',
    settings: { thresholds: { queue_age: { warning: '30m', critical: 'never' } } },
    steps: plays('saturated', 16),
    tells: [],
  },
  { cause: 'pollers without the SDK', exporter: 'two', steps: plays('direct-pollers', 20), tells: [] },
  {
    cause: 'nothing to do and nobody there',
    exporter: 'two',
    before: 'idle',
    steps: [
      { minute: 0, act: (world) => world.play('idle') },
      { minute: 20, act: (world) => world.play('idle') },
    ],
    tells: [],
  },
  {
    cause: 'a nightly queue within its own limit',
    exporter: 'two',
    settings: { thresholds: { queue_age: { warning: '2h', critical: 'never' } } },
    steps: plays('no-workers', 20),
    tells: [],
  },
  { cause: 'the clock of the API ahead', exporter: 'two', steps: plays('clock-skew', 20), tells: [] },
  { cause: 'work as usual, exporter ten minutes ahead', exporter: 'ahead', steps: plays('steady', 20), tells: [] },
  { cause: 'work as usual, exporter ten minutes behind', exporter: 'behind', steps: plays('steady', 20), tells: [] },
  { cause: 'work as usual, a replica behind', exporter: 'replicas', steps: plays('steady', 20), tells: [] },
  {
    cause: 'an exporter that restarts',
    exporter: 'ahead',
    steps: [22, 27].flatMap((minute) => [
      { minute, act: (world) => world.exporter.stop() },
      { minute: minute + 0.4, act: (world) => world.exporter.start() },
    ]),
    tells: [],
  },
  {
    cause: 'an exporter that restarts with its state file, and reloads',
    exporter: 'two',
    steps: [
      { minute: 8, act: (world) => world.exporter.reload() },
      { minute: 27, act: (world) => world.exporter.stop() },
      { minute: 27.4, act: (world) => world.exporter.start() },
    ],
    tells: [],
  },
];

import type { Severity } from '../domain/environment.ts';

/** What everybody says of one condition: metrics, rules, runbooks, page, JSON and boards take it from here. */
export interface ConditionDefinition {
  /** The summary of its alert; the subject's name goes before it: `prod: …`. */
  readonly summary: string;
  /** What it means for users and what to do first: the description of its alert. */
  readonly description: string;
  /** The option that tunes it, or turns it off with `never`. */
  readonly tunedBy?: string;
  readonly rules?: {
    /** The board that its alert links to; that of the environment, when left out. */
    readonly board?: 'overview' | 'exporter';
    /** It fires only when each says so: who cannot read, or reads late, says nothing about the API or the items. */
    readonly replicas?: 'all';
    /** Whether `rules --set starter` has its alert. */
    readonly starter?: true;
  };
  /** In seconds: how long a finding lasts until it is told, and how long it must be gone until that ends. */
  readonly severities: Readonly<Partial<Record<Severity, { readonly lasts: number; readonly ends: number }>>>;
  /** While one of these holds, this one is not told: its cause is known. `name`, or `name/severity`. */
  readonly explainedBy?: readonly string[];
}

/** What hides a queue, and what hides a part of it besides. */
const UNSEEN = ['api_key_refused/critical', 'api_unreachable', 'rate_limited/critical', 'key_refused/critical'];
const BLIND = [
  'api_unreachable',
  'api_key_refused',
  'rate_limited',
  'key_refused',
  'not_readable',
  'no_such_environment',
];
/** What keeps a fleet from its work. */
const FLEET = ['fleets_failing', 'key_refused/critical', 'no_workers', 'nothing_starts', 'runs_lost/critical'];

/** Conditions of a connection. Here and below: causes before what they explain. */
const OF_CONNECTION = {
  api_key_refused: {
    summary: 'The API refuses the key',
    description: 'What it reads is unseen. Replace it in the Console and in its file; no restart is needed.',
    rules: { board: 'exporter', replicas: 'all', starter: true },
    severities: { critical: { lasts: 60, ends: 270 }, warning: { lasts: 360, ends: 300 } },
  },
  rate_limited: {
    summary: 'The API limits the exporter’s requests',
    description: 'Lower requests_per_minute, or find who else uses the same organization’s limit.',
    rules: { board: 'exporter', replicas: 'all' },
    tunedBy: 'requests_per_minute',
    severities: { critical: { lasts: 60, ends: 270 }, warning: { lasts: 300, ends: 120 } },
  },
  api_unreachable: {
    summary: 'The API cannot be read; several environments are unseen',
    description: 'Workers may go on. Look at the API’s status (or your own server) and the network of the exporter.',
    rules: { board: 'exporter', replicas: 'all', starter: true },
    severities: { critical: { lasts: 60, ends: 270 } },
  },
  fleets_failing: {
    summary: 'Several fleets failed at the same time',
    description: 'They have something in common: a release, a cluster, a key, a network. Look for that first.',
    rules: { board: 'overview' },
    severities: { critical: { lasts: 60, ends: 180 } },
  },
  discovery_failing: {
    summary: 'Discovery of environments fails',
    description: 'New environments are not watched. The exporter’s page says what the API answered.',
    rules: { board: 'exporter', replicas: 'all' },
    severities: { critical: { lasts: 300, ends: 120 }, warning: { lasts: 900, ends: 120 } },
    explainedBy: [...UNSEEN, 'not_readable'],
  },
  key_expiring: {
    summary: 'A key expires soon',
    description: 'Make a new one in the Console, and put it into its file.',
    rules: { board: 'exporter' },
    severities: { warning: { lasts: 300, ends: 120 } },
  },
} as const satisfies Readonly<Record<string, ConditionDefinition>>;

/** Conditions of an environment. */
const OF_ENVIRONMENT = {
  key_refused: {
    summary: 'the API refuses its key',
    description: 'The workers may have the same key: look at them first, then replace the key in its file.',
    rules: { board: 'exporter', replicas: 'all', starter: true },
    severities: { critical: { lasts: 60, ends: 330 }, warning: { lasts: 360, ends: 300 } },
    explainedBy: ['api_key_refused/critical'],
  },
  not_readable: {
    summary: 'its queue cannot be read',
    description: 'Nothing is known of its queue; its workers may go on. `check --live` says what the API answers.',
    rules: { board: 'exporter', replicas: 'all', starter: true },
    severities: { critical: { lasts: 30, ends: 270 } },
    explainedBy: UNSEEN,
  },
  no_such_environment: {
    summary: 'there is no such queue, or no key for it',
    description: 'Take it out of the configuration, or correct its id or key.',
    rules: { board: 'exporter', replicas: 'all' },
    severities: { warning: { lasts: 360, ends: 120 } },
    explainedBy: UNSEEN,
  },
  nothing_starts: {
    summary: 'items are taken, and no run begins',
    description: 'Users wait: sandboxes do not boot. Look at the image, the disk and the worker’s log.',
    rules: { starter: true },
    tunedBy: 'thresholds.state_age',
    severities: { critical: { lasts: 120, ends: 120 } },
    explainedBy: ['fleets_failing'],
  },
  no_workers: {
    summary: 'work waits, and nobody takes it',
    description: 'Users wait. Look at the workers’ hosts: are they running, and do they reach the API with their key?',
    rules: { starter: true },
    tunedBy: 'thresholds.cold_start',
    severities: { critical: { lasts: 60, ends: 120 } },
    explainedBy: ['fleets_failing', 'key_refused/critical', 'nothing_starts'],
  },
  runs_lost: {
    summary: 'runs lose their workers',
    description: 'The work starts again. Look at what kills the workers: memory, a release, a spot instance.',
    rules: { starter: true },
    severities: { critical: { lasts: 60, ends: 120 }, warning: { lasts: 60, ends: 720 } },
    explainedBy: ['fleets_failing', 'no_workers', 'nothing_starts'],
  },
  oldest_item_too_old: {
    summary: 'work waits too long',
    description: 'Users wait. The exporter’s page says whether more comes than is taken, or an item is passed over.',
    rules: { replicas: 'all', starter: true },
    tunedBy: 'thresholds.queue_age',
    severities: { critical: { lasts: 120, ends: 180 }, warning: { lasts: 300, ends: 120 } },
    explainedBy: FLEET,
  },
  queue_too_deep: {
    summary: 'too many items wait',
    description: 'Start more workers, or raise thresholds.queue_depth if this is normal.',
    rules: { replicas: 'all' },
    tunedBy: 'thresholds.queue_depth',
    severities: { critical: { lasts: 900, ends: 120 }, warning: { lasts: 600, ends: 120 } },
    explainedBy: [...FLEET, 'oldest_item_too_old'],
  },
  workers_below_minimum: {
    summary: 'fewer workers than min_workers',
    description: 'Look at the hosts that have none, or lower thresholds.min_workers.',
    tunedBy: 'thresholds.min_workers',
    severities: { warning: { lasts: 300, ends: 120 } },
    explainedBy: ['fleets_failing', 'no_workers'],
  },
  heartbeats_stale: {
    summary: 'running items have stopped sending heartbeats',
    description: 'Their workers hang or are gone; the lease returns the items to the queue within minutes.',
    rules: { replicas: 'all' },
    tunedBy: 'thresholds.stale_heartbeat',
    severities: { critical: { lasts: 60, ends: 300 }, warning: { lasts: 45, ends: 540 } },
    explainedBy: [...FLEET, 'runs_lost'],
  },
  item_stuck: {
    summary: 'an item makes no progress',
    description: 'It holds a worker. The exporter’s page names the item; stop it if nobody needs it.',
    rules: { replicas: 'all' },
    tunedBy: 'thresholds.state_age',
    severities: { warning: { lasts: 60, ends: 600 } },
    explainedBy: FLEET,
  },
  session_waiting: {
    summary: 'a session waits for somebody',
    description: 'Answer what it asks, or end it. The exporter’s page names it.',
    tunedBy: 'thresholds.session_wait',
    severities: { warning: { lasts: 120, ends: 600 } },
  },
  runs_too_short: {
    summary: 'most runs end within seconds',
    description: 'Sessions probably fail as soon as they begin: read the events of one.',
    severities: { warning: { lasts: 60, ends: 300 } },
  },
  archived_with_work: {
    summary: 'it is archived and still has work',
    description: 'Keep its workers until the rest is done, or stop the items.',
    severities: { warning: { lasts: 600, ends: 120 } },
  },
  coverage_reduced: {
    summary: 'less is seen of it than is configured',
    description: 'Items and heartbeats are missing or late. The exporter’s page says why.',
    rules: { board: 'exporter', replicas: 'all' },
    severities: { warning: { lasts: 300, ends: 120 } },
    explainedBy: BLIND,
  },
} as const satisfies Readonly<Record<string, ConditionDefinition>>;

export type ConnectionConditionName = keyof typeof OF_CONNECTION;
export type EnvironmentConditionName = keyof typeof OF_ENVIRONMENT;
export type ConditionName = ConnectionConditionName | EnvironmentConditionName;

/** All of them. An alert is called `AnthropicWork` and the name in capitals. */
export const CONDITIONS: Readonly<Record<ConditionName, ConditionDefinition>> = { ...OF_CONNECTION, ...OF_ENVIRONMENT };
export const CONDITION_NAMES = Object.keys(CONDITIONS) as readonly ConditionName[];
export const ENVIRONMENT_CONDITIONS = Object.keys(OF_ENVIRONMENT) as readonly ConditionName[];

export function subjectOf(name: ConditionName): 'environment' | 'connection' {
  return name in OF_ENVIRONMENT ? 'environment' : 'connection';
}

/** Its alert, such as `AnthropicWorkNoWorkers`. */
export function alertOf(name: ConditionName): string {
  return `AnthropicWork${name.replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())}`;
}

/** One severity of a condition: one series on /metrics. */
export interface ConditionKind {
  readonly name: ConditionName;
  readonly severity: Severity;
}

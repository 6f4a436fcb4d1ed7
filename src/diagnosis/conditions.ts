import { SEVERITIES, type Severity } from '../domain/environment.ts';
import * as connection from './connections.ts';
import type { ConnectionFacts, EnvironmentFacts } from './facts.ts';
import { archivedWithWork, oldestItemTooOld, queueTooDeep } from './queue.ts';
import { coverageReduced, keyRefused, noSuchEnvironment, notReadable } from './reads.ts';
import { heartbeatsStale, itemStuck, nothingStarts, runsLost, runsTooShort, sessionWaiting } from './runs.ts';
import type { Verdict, View } from './view.ts';
import { noWorkers, workersBelowMinimum } from './workers.ts';

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
  /** The same of its warning alone. */
  readonly ticketExplainedBy?: readonly string[];
  /** Said also of what the API does not know. A cause explains its page only while it holds; all else for minutes more. */
  readonly isAboutReads?: true;
}

type Judged<Facts> = ConditionDefinition & { readonly judge: (view: View<Facts>) => Verdict };

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

/** Conditions of a connection, causes before what they explain. */
const OF_CONNECTION = {
  api_key_refused: {
    judge: connection.apiKeyRefused,
    summary: 'The API refuses the key',
    description:
      'What it reads is unseen: queues, or which environments there are. Replace the key in the Console and in its file; no restart is needed.',
    rules: { board: 'exporter', replicas: 'all', starter: true },
    severities: { critical: { lasts: 60, ends: 270 }, warning: { lasts: 360, ends: 300 } },
    ticketExplainedBy: [...UNSEEN, 'discovery_failing/critical'],
  },
  rate_limited: {
    judge: connection.rateLimited,
    summary: 'The API limits the exporter’s requests',
    description: 'Lower requests_per_minute, or find who else uses the same organization’s limit.',
    rules: { board: 'exporter', replicas: 'all' },
    tunedBy: 'requests_per_minute',
    severities: { critical: { lasts: 60, ends: 270 }, warning: { lasts: 300, ends: 120 } },
    ticketExplainedBy: [...UNSEEN, 'not_readable'],
  },
  api_unreachable: {
    judge: connection.apiUnreachable,
    summary: 'The API cannot be read; several environments are unseen',
    description:
      'Nothing is known of their queues; workers may go on. Look at the API’s status (of a service of your own: at the server) and at the network of the exporter.',
    rules: { board: 'exporter', replicas: 'all', starter: true },
    severities: { critical: { lasts: 60, ends: 270 } },
  },
  fleets_failing: {
    judge: connection.fleetsFailing,
    summary: 'Several fleets failed at the same time',
    description: 'They have something in common: a release, a cluster, a key, a network. Look for that first.',
    rules: { board: 'overview' },
    severities: { critical: { lasts: 60, ends: 180 } },
  },
  discovery_failing: {
    judge: connection.discoveryFailing,
    summary: 'Discovery of environments fails',
    description: 'New environments are not watched. The exporter’s page says what the API answered.',
    rules: { board: 'exporter', replicas: 'all' },
    severities: { critical: { lasts: 300, ends: 120 }, warning: { lasts: 900, ends: 120 } },
    explainedBy: [...UNSEEN, 'not_readable'],
  },
  key_expiring: {
    judge: connection.keyExpiring,
    summary: 'A key expires soon',
    description: 'Make a new one in the Console, and put it into its file.',
    rules: { board: 'exporter' },
    severities: { warning: { lasts: 300, ends: 120 } },
  },
} as const satisfies Readonly<Record<string, Judged<ConnectionFacts>>>;

/** Conditions of an environment. */
const OF_ENVIRONMENT = {
  key_refused: {
    judge: keyRefused,
    isAboutReads: true,
    summary: 'the API refuses its key',
    description:
      'What this key reads is unseen. The workers may have the same key: look at them first, then replace the key in its file.',
    rules: { board: 'exporter', replicas: 'all', starter: true },
    severities: { critical: { lasts: 60, ends: 330 }, warning: { lasts: 360, ends: 300 } },
    explainedBy: ['api_key_refused/critical'],
  },
  not_readable: {
    judge: notReadable,
    isAboutReads: true,
    summary: 'its queue cannot be read',
    description: 'Nothing is known of its queue; its workers may go on. `check --live` says what the API answers.',
    rules: { board: 'exporter', replicas: 'all', starter: true },
    severities: { critical: { lasts: 30, ends: 270 } },
    explainedBy: UNSEEN,
  },
  no_such_environment: {
    judge: noSuchEnvironment,
    isAboutReads: true,
    summary: 'there is no such queue, or no key for it',
    description: 'Take it out of the configuration, or correct its id or key.',
    rules: { board: 'exporter', replicas: 'all' },
    severities: { warning: { lasts: 360, ends: 120 } },
    explainedBy: UNSEEN,
  },
  nothing_starts: {
    judge: nothingStarts,
    summary: 'items are taken, and no run begins',
    description:
      'Users wait. Workers acknowledge and their sandboxes do not boot: look at the image, the disk and the worker’s log.',
    rules: { starter: true },
    tunedBy: 'thresholds.state_age',
    severities: { critical: { lasts: 120, ends: 120 } },
    explainedBy: ['fleets_failing'],
  },
  no_workers: {
    judge: noWorkers,
    summary: 'work waits, and nobody takes it',
    description: 'Users wait. Look at the workers’ hosts: are they running, and do they reach the API with their key?',
    rules: { starter: true },
    tunedBy: 'thresholds.queue_age',
    severities: { critical: { lasts: 60, ends: 120 } },
    explainedBy: ['fleets_failing', 'key_refused/critical', 'nothing_starts'],
  },
  runs_lost: {
    judge: runsLost,
    summary: 'runs lose their workers',
    description:
      'The work starts again from the queue. Look at what kills the workers: memory, a release, a spot instance.',
    rules: { starter: true },
    severities: { critical: { lasts: 60, ends: 120 }, warning: { lasts: 60, ends: 720 } },
    explainedBy: ['fleets_failing', 'no_workers', 'nothing_starts'],
  },
  oldest_item_too_old: {
    judge: oldestItemTooOld,
    summary: 'work waits too long',
    description:
      'Users wait. The evidence on the exporter’s page says whether more comes than is taken, or an item is passed over.',
    rules: { replicas: 'all', starter: true },
    tunedBy: 'thresholds.queue_age',
    severities: { critical: { lasts: 120, ends: 180 }, warning: { lasts: 300, ends: 120 } },
    explainedBy: FLEET,
  },
  queue_too_deep: {
    judge: queueTooDeep,
    summary: 'too many items wait',
    description: 'Start more workers, or raise thresholds.queue_depth if this is normal.',
    rules: { replicas: 'all' },
    tunedBy: 'thresholds.queue_depth',
    severities: { critical: { lasts: 900, ends: 120 }, warning: { lasts: 600, ends: 120 } },
    explainedBy: [...FLEET, 'oldest_item_too_old'],
  },
  workers_below_minimum: {
    judge: workersBelowMinimum,
    summary: 'fewer workers than min_workers',
    description: 'Look at the hosts that have none, or lower thresholds.min_workers.',
    tunedBy: 'thresholds.min_workers',
    severities: { warning: { lasts: 300, ends: 120 } },
    explainedBy: ['fleets_failing', 'no_workers'],
  },
  heartbeats_stale: {
    judge: heartbeatsStale,
    summary: 'running items have stopped sending heartbeats',
    description: 'Their workers hang or are gone; the lease returns the items to the queue within minutes.',
    rules: { replicas: 'all' },
    tunedBy: 'thresholds.stale_heartbeat',
    severities: { critical: { lasts: 60, ends: 300 }, warning: { lasts: 45, ends: 540 } },
    explainedBy: [...FLEET, 'runs_lost'],
  },
  item_stuck: {
    judge: itemStuck,
    summary: 'an item makes no progress',
    description: 'It holds a worker. The exporter’s page names the item; stop it if nobody needs it.',
    rules: { replicas: 'all' },
    tunedBy: 'thresholds.state_age',
    severities: { warning: { lasts: 60, ends: 600 } },
    explainedBy: FLEET,
  },
  session_waiting: {
    judge: sessionWaiting,
    summary: 'a session waits for somebody',
    description: 'Answer what it asks, or end it. The exporter’s page names it.',
    tunedBy: 'thresholds.session_wait',
    severities: { warning: { lasts: 120, ends: 600 } },
  },
  runs_too_short: {
    judge: runsTooShort,
    summary: 'most runs end within seconds',
    description: 'Sessions probably fail as soon as they begin: read the events of one.',
    severities: { warning: { lasts: 60, ends: 300 } },
  },
  archived_with_work: {
    judge: archivedWithWork,
    summary: 'it is archived and still has work',
    description: 'Keep its workers until the rest is done, or stop the items.',
    severities: { warning: { lasts: 600, ends: 120 } },
  },
  coverage_reduced: {
    judge: coverageReduced,
    summary: 'less is seen of it than is configured',
    description: 'Items and heartbeats are missing or late. The exporter’s page says why.',
    rules: { board: 'exporter', replicas: 'all' },
    severities: { warning: { lasts: 300, ends: 120 } },
    explainedBy: BLIND,
  },
} as const satisfies Readonly<Record<string, Judged<EnvironmentFacts>>>;

export type ConditionName = keyof typeof OF_CONNECTION | keyof typeof OF_ENVIRONMENT;

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

/** The same with all that it takes to judge and to follow it. */
export interface Kind<View = never> extends ConditionKind {
  /** `name/severity` */
  readonly key: string;
  readonly judge: (view: View) => Verdict;
  readonly lasts: number;
  readonly ends: number;
  /** Keys of what explains it. */
  readonly causes: readonly string[];
  readonly isAboutReads: boolean;
}

export const CONNECTION_KINDS = kindsOf(OF_CONNECTION);
export const ENVIRONMENT_KINDS = kindsOf(OF_ENVIRONMENT);

/** The graver severity first. */
function kindsOf<Facts>(table: Readonly<Record<string, Judged<Facts>>>): readonly Kind<View<Facts>>[] {
  return Object.entries(table).flatMap(([name, { severities, isAboutReads = false, judge, ...definition }]) =>
    SEVERITIES.toReversed().flatMap((severity) => {
      const timing = severities[severity];
      const causes = causesOf(name, severity, definition);
      const kind = { name: name as ConditionName, severity, key: `${name}/${severity}`, judge, isAboutReads, causes };
      return timing === undefined ? [] : { ...kind, ...timing };
    }),
  );
}

/** Its graver severity explains a ticket always; a ticket does not keep a page silent. */
function causesOf(
  name: string,
  severity: Severity,
  { explainedBy = [], ticketExplainedBy = [] }: Pick<ConditionDefinition, 'explainedBy' | 'ticketExplainedBy'>,
): readonly string[] {
  const keysOf = (cause: string) => (cause.includes('/') ? cause : SEVERITIES.map((one) => `${cause}/${one}`));
  if (severity === 'critical') return explainedBy.flatMap(keysOf).filter((key) => key.endsWith('/critical'));
  const all = [`${name}/critical`, ...explainedBy, ...ticketExplainedBy].flatMap(keysOf);
  return all.filter((key) => key !== `${name}/${severity}`);
}

import type { Severity } from '../domain/environment.ts';
import {
  apiKeyRefused,
  apiUnreachable,
  discoveryFailing,
  fleetsFailing,
  keyExpiring,
  rateLimited,
} from './connections.ts';
import { heartbeatsStale, itemStuck, sessionWaiting } from './items.ts';
import { archivedWithWork, oldestItemTooOld, queueTooDeep } from './queue.ts';
import { coverageReduced, keyRefused, noSuchEnvironment, notReadable } from './reads.ts';
import { nothingStarts, runsLost, runsTooShort } from './runs.ts';
import type { JudgeConnection, JudgeEnvironment } from './verdict.ts';
import { noWorkers, workersBelowMinimum } from './workers.ts';

/** How long a finding lasts until it is a condition, and how long it must be gone until the condition ends. Seconds. */
export interface Timing {
  readonly lasts: number;
  readonly ends: number;
  /** What explains this severity alone, beside `explainedBy` of the condition. */
  readonly explainedBy?: readonly string[];
}

/** What everybody says of one condition: metrics, rules, runbooks, page, JSON and boards take it from here. */
export type ConditionDefinition = Described &
  (
    | { readonly subject: 'environment'; readonly judge: JudgeEnvironment }
    | { readonly subject: 'connection'; readonly judge: JudgeConnection }
  );

interface Described {
  /** One sentence without values, for the index of the runbooks. */
  readonly meaning: string;
  /** The summary of its alert; the subject's name goes before it: `prod: …`. */
  readonly summary: string;
  /** What it means for users and what to do first: the description of its alert. */
  readonly description: string;
  /** The board that its alert links to. */
  readonly board: 'overview' | 'environment' | 'slo' | 'exporter';
  /**
   * What replicas must agree on: `any` fires when one says so, `all` only when each does. A replica that cannot read, or
   * reads late, says nothing about the API or the items.
   */
  readonly replicas: 'any' | 'all';
  /** Whether `rules --set starter` has its alert. */
  readonly starter?: true;
  readonly severities: Readonly<Partial<Record<Severity, Timing>>>;
  /** While one of these holds, this one is not shown: its cause is known already. `name`, or `name/severity`. */
  readonly explainedBy?: readonly string[];
  /** What may be gone for some minutes and explains it still, as an outage does a backlog: those named, or all. */
  readonly outlives?: 'all' | readonly string[];
}

const FLEET = ['fleets_failing', 'key_refused/critical', 'no_workers', 'nothing_starts', 'runs_lost/critical'];

/** Every condition, causes before what they explain. An alert is called `AnthropicWork` and the name in capitals. */
export const CONDITIONS = {
  api_key_refused: {
    subject: 'connection',
    judge: apiKeyRefused,
    meaning:
      'The API refuses keys: several environments cannot be read for it (critical), or the API key alone is refused (warning).',
    summary: 'The API refuses the key',
    description:
      'What it reads is unseen: queues, or which environments there are. Replace the key in the Console and in its file; no restart is needed.',
    board: 'exporter',
    replicas: 'all',
    starter: true,
    severities: {
      critical: { lasts: 60, ends: 270 },
      warning: {
        lasts: 360,
        ends: 300,
        explainedBy: ['api_key_refused/critical', 'discovery_failing/critical', 'key_refused/critical'],
      },
    },
  },
  rate_limited: {
    subject: 'connection',
    judge: rateLimited,
    meaning:
      'The API answers with 429; several environments cannot be read for it (critical), or reads are late (warning).',
    summary: 'The API limits the exporter’s requests',
    description: 'Lower requests_per_minute, or find who else uses the same organization’s limit.',
    board: 'exporter',
    replicas: 'all',
    severities: {
      critical: { lasts: 60, ends: 270 },
      warning: { lasts: 300, ends: 120, explainedBy: ['rate_limited/critical', 'api_unreachable', 'not_readable'] },
    },
    outlives: 'all',
  },
  api_unreachable: {
    subject: 'connection',
    judge: apiUnreachable,
    meaning: 'Several environments of one connection cannot be read.',
    summary: 'The API cannot be read; several environments are unseen',
    description:
      'Nothing is known of their queues; workers may go on. Look at the API’s status and at the network of the exporter.',
    board: 'exporter',
    replicas: 'all',
    starter: true,
    severities: { critical: { lasts: 60, ends: 270 } },
  },
  fleets_failing: {
    subject: 'connection',
    judge: fleetsFailing,
    meaning: 'The fleets of many environments failed within minutes of each other.',
    summary: 'Several fleets failed at the same time',
    description: 'They have something in common: a release, a cluster, a key, a network. Look for that first.',
    board: 'overview',
    replicas: 'any',
    severities: { critical: { lasts: 60, ends: 180 } },
  },
  discovery_failing: {
    subject: 'connection',
    judge: discoveryFailing,
    meaning:
      'Environments cannot be discovered: nothing is watched (critical), or new ones are missed or dropped (warning).',
    summary: 'Discovery of environments fails',
    description: 'New environments are not watched. The exporter’s page says what the API answered.',
    board: 'exporter',
    replicas: 'all',
    severities: { critical: { lasts: 300, ends: 120 }, warning: { lasts: 900, ends: 120 } },
    explainedBy: [
      'discovery_failing/critical',
      'api_key_refused/critical',
      'key_refused/critical',
      'api_unreachable',
      'rate_limited/critical',
      'not_readable',
    ],
    outlives: 'all',
  },
  key_expiring: {
    subject: 'connection',
    judge: keyExpiring,
    meaning: 'A key expires within two weeks.',
    summary: 'A key expires soon',
    description: 'Make a new one in the Console, and put it into its file.',
    board: 'exporter',
    replicas: 'any',
    severities: { warning: { lasts: 300, ends: 120 } },
  },
  key_refused: {
    subject: 'environment',
    judge: keyRefused,
    meaning: 'The API refuses the key of an environment.',
    summary: 'the API refuses its key',
    description:
      'What this key reads is unseen. The workers may have the same key: look at them first, then replace the key in its file.',
    board: 'exporter',
    replicas: 'all',
    starter: true,
    severities: { critical: { lasts: 60, ends: 270 }, warning: { lasts: 360, ends: 300 } },
    explainedBy: ['api_key_refused/critical', 'key_refused/critical'],
  },
  not_readable: {
    subject: 'environment',
    judge: notReadable,
    meaning: 'An environment cannot be read.',
    summary: 'its queue cannot be read',
    description: 'Nothing is known of its queue; its workers may go on. `check --live` says what the API answers.',
    board: 'exporter',
    replicas: 'all',
    starter: true,
    severities: { critical: { lasts: 30, ends: 270 } },
    explainedBy: ['api_key_refused/critical', 'api_unreachable', 'rate_limited/critical', 'key_refused/critical'],
  },
  no_such_environment: {
    subject: 'environment',
    judge: noSuchEnvironment,
    meaning: 'An environment was deleted, never existed, is not self-hosted or has no key.',
    summary: 'there is no such queue, or no key for it',
    description: 'Take it out of the configuration, or correct its id or key.',
    board: 'exporter',
    replicas: 'all',
    severities: { warning: { lasts: 360, ends: 120 } },
    explainedBy: ['api_key_refused/critical', 'api_unreachable', 'rate_limited/critical'],
  },
  nothing_starts: {
    subject: 'environment',
    judge: nothingStarts,
    meaning: 'Workers take items, and no run begins.',
    summary: 'items are taken, and no run begins',
    description:
      'Users wait. Workers acknowledge and their sandboxes do not boot: look at the image, the disk and the worker’s log.',
    board: 'environment',
    replicas: 'any',
    starter: true,
    severities: { critical: { lasts: 120, ends: 120 } },
    explainedBy: ['fleets_failing'],
  },
  no_workers: {
    subject: 'environment',
    judge: noWorkers,
    meaning: 'Work is queued, and nobody is there to take it.',
    summary: 'work waits, and nobody takes it',
    description: 'Users wait. Look at the workers’ hosts: are they running, and do they reach the API with their key?',
    board: 'environment',
    replicas: 'any',
    starter: true,
    severities: { critical: { lasts: 60, ends: 120 } },
    explainedBy: ['fleets_failing', 'key_refused/critical', 'nothing_starts'],
    outlives: ['nothing_starts'],
  },
  runs_lost: {
    subject: 'environment',
    judge: runsLost,
    meaning: 'Runs lose their workers: nearly every one (critical), or more than one in twenty (warning).',
    summary: 'runs lose their workers',
    description:
      'The work starts again from the queue. Look at what kills the workers: memory, a release, a spot instance.',
    board: 'environment',
    replicas: 'any',
    starter: true,
    severities: { critical: { lasts: 60, ends: 180 }, warning: { lasts: 60, ends: 240 } },
    explainedBy: ['fleets_failing', 'no_workers', 'nothing_starts', 'runs_lost/critical'],
    outlives: 'all',
  },
  oldest_item_too_old: {
    subject: 'environment',
    judge: oldestItemTooOld,
    meaning: 'Work has waited longer than its limit, and the wait does not fall.',
    summary: 'work waits too long',
    description:
      'Users wait. The evidence on the exporter’s page says whether more comes than is taken, or an item is passed over.',
    board: 'environment',
    replicas: 'all',
    starter: true,
    severities: { critical: { lasts: 120, ends: 180 }, warning: { lasts: 300, ends: 120 } },
    explainedBy: [...FLEET, 'oldest_item_too_old/critical'],
    outlives: 'all',
  },
  queue_too_deep: {
    subject: 'environment',
    judge: queueTooDeep,
    meaning: 'More items wait than the limit of its depth, and they do not become fewer.',
    summary: 'too many items wait',
    description: 'Start more workers, or raise thresholds.queue_depth if this is normal.',
    board: 'environment',
    replicas: 'all',
    severities: { critical: { lasts: 900, ends: 120 }, warning: { lasts: 600, ends: 120 } },
    explainedBy: [...FLEET, 'oldest_item_too_old', 'queue_too_deep/critical'],
    outlives: 'all',
  },
  workers_below_minimum: {
    subject: 'environment',
    judge: workersBelowMinimum,
    meaning: 'Fewer workers are alive than configured.',
    summary: 'fewer workers than min_workers',
    description: 'Look at the hosts that have none, or lower thresholds.min_workers.',
    board: 'environment',
    replicas: 'any',
    severities: { warning: { lasts: 300, ends: 120 } },
    explainedBy: ['fleets_failing', 'no_workers'],
    outlives: 'all',
  },
  heartbeats_stale: {
    subject: 'environment',
    judge: heartbeatsStale,
    meaning: 'Running items stopped sending heartbeats.',
    summary: 'running items have stopped sending heartbeats',
    description: 'Their workers hang or are gone; the lease returns the items to the queue within minutes.',
    board: 'environment',
    replicas: 'all',
    severities: { critical: { lasts: 60, ends: 300 }, warning: { lasts: 30, ends: 480 } },
    explainedBy: [...FLEET, 'runs_lost', 'heartbeats_stale/critical'],
    outlives: 'all',
  },
  item_stuck: {
    subject: 'environment',
    judge: itemStuck,
    meaning: 'An item is too long in one state, comes back again and again, or outlives its session.',
    summary: 'an item makes no progress',
    description: 'It holds a worker. The exporter’s page names the item; stop it if nobody needs it.',
    board: 'environment',
    replicas: 'all',
    severities: { warning: { lasts: 60, ends: 360 } },
    explainedBy: [...FLEET],
    outlives: 'all',
  },
  session_waiting: {
    subject: 'environment',
    judge: sessionWaiting,
    meaning: 'A session waits for a result or an approval, and holds a worker meanwhile.',
    summary: 'a session waits for somebody',
    description: 'Answer what it asks, or end it. The exporter’s page names it.',
    board: 'environment',
    replicas: 'any',
    severities: { warning: { lasts: 120, ends: 600 } },
  },
  runs_too_short: {
    subject: 'environment',
    judge: runsTooShort,
    meaning: 'Most runs end seconds after they begin.',
    summary: 'most runs end within seconds',
    description: 'Sessions probably fail as soon as they begin: read the events of one.',
    board: 'environment',
    replicas: 'any',
    severities: { warning: { lasts: 60, ends: 300 } },
  },
  archived_with_work: {
    subject: 'environment',
    judge: archivedWithWork,
    meaning: 'An archived environment still has work.',
    summary: 'it is archived and still has work',
    description: 'Keep its workers until the rest is done, or stop the items.',
    board: 'environment',
    replicas: 'any',
    severities: { warning: { lasts: 600, ends: 120 } },
  },
  coverage_reduced: {
    subject: 'environment',
    judge: coverageReduced,
    meaning: 'The exporter sees less of an environment than it is configured to watch.',
    summary: 'less is seen of it than is configured',
    description: 'Items and heartbeats are missing or late. The exporter’s page says why.',
    board: 'exporter',
    replicas: 'all',
    severities: { warning: { lasts: 300, ends: 120 } },
    explainedBy: [
      'api_key_refused',
      'rate_limited',
      'api_unreachable',
      'key_refused',
      'not_readable',
      'no_such_environment',
    ],
    outlives: 'all',
  },
} as const satisfies Readonly<Record<string, ConditionDefinition>>;

export type ConditionName = keyof typeof CONDITIONS;

export const CONDITION_NAMES = Object.keys(CONDITIONS) as readonly ConditionName[];

export const ENVIRONMENT_CONDITIONS = CONDITION_NAMES.filter((name) => CONDITIONS[name].subject === 'environment');

/** One severity of a condition: what the tracker follows, and one series on /metrics. */
export interface ConditionKind {
  readonly name: ConditionName;
  readonly severity: Severity;
}

/** Its alert, such as `AnthropicWorkNoWorkers`. */
export function alertOf(name: ConditionName): string {
  return `AnthropicWork${name.replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())}`;
}

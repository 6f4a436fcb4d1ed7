import type { SessionView } from './sessions.ts';
import type { Simulation } from './simulation.ts';
import type { Switches } from './switches.ts';
import type { WorkRecord } from './work.ts';
import type { HeartbeatAnswer } from './work-queue.ts';
import type { SimEnvironment } from './world.ts';

type Json = Readonly<Record<string, unknown>>;

/** An item as the API shows it (docs/design/work-api.md#work-item). `now` is the API's stamp of this moment. */
export function workJson(
  work: WorkRecord,
  environment: SimEnvironment,
  now: number,
  secret: string | null = null,
): Json {
  const { queue } = environment;
  const { switches } = queue;
  const time = (stamp: number | null) => queue.stamps.textOrNull(stamp);
  // The enqueue stamp is set a moment after creation: until then the item does not show it.
  const startedAt = work.startedAt !== null && work.startedAt > now ? null : work.startedAt;
  return {
    id: work.id,
    type: 'work',
    environment_id: environment.id,
    data: { type: work.type, id: work.sessionId },
    state: work.state,
    metadata: work.metadata,
    ...(switches.secret !== 'missing' || secret !== null ? { secret } : {}),
    ...(switches.actor ? { actor: null } : {}),
    created_at: time(work.createdAt),
    acknowledged_at: time(work.acknowledgedAt),
    started_at: time(startedAt),
    latest_heartbeat_at: time(work.latestHeartbeatAt),
    stop_requested_at: time(work.stopRequestedAt),
    stopped_at: time(work.stoppedAt),
  };
}

/** A page of a list, with what some services add to `next_page`. */
export function pageJson(data: readonly Json[], nextPage: string | null, paging: Switches['paging']): Json {
  const page = { data, next_page: nextPage };
  if (paging === 'cursor') return page;
  return { ...page, has_more: nextPage !== null, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

/** The answer of `work/stats` (docs/design/work-api.md#queue-stats). A cloud environment answers zeros and null. */
export function statsJson(environment: SimEnvironment, now: number): Json {
  const { queue, configType } = environment;
  const counts = queue.counts(now);
  const unknown = configType === 'cloud' || queue.switches.workersPollingNull;
  return {
    type: 'work_queue_stats',
    depth: counts.depth,
    pending: counts.pending,
    oldest_queued_at: counts.oldestQueuedAt === null ? null : queue.stamps.text(counts.oldestQueuedAt),
    workers_polling: unknown ? null : counts.workersPolling,
  };
}

export function heartbeatJson(answer: HeartbeatAnswer): Json {
  return {
    type: 'work_heartbeat',
    last_heartbeat: answer.lastHeartbeat,
    lease_extended: answer.leaseExtended,
    state: answer.state,
    ttl_seconds: answer.ttlSeconds,
  };
}

/** An environment as the API shows it (docs/design/work-api.md#environment). */
export function environmentJson(environment: SimEnvironment): Json {
  const { queue, createdAt, archivedAt, configType } = environment;
  return {
    id: environment.id,
    type: 'environment',
    name: environment.name,
    description: environment.description,
    config:
      configType === 'self_hosted'
        ? { type: 'self_hosted' }
        : {
            type: 'cloud',
            networking: { type: 'unrestricted' },
            packages: { type: 'packages', apt: [], cargo: [], gem: [], go: [], npm: [], pip: [] },
          },
    metadata: environment.metadata,
    created_at: queue.stamps.text(createdAt),
    updated_at: queue.stamps.text(environment.updatedAt),
    archived_at: archivedAt === null ? null : queue.stamps.text(archivedAt),
    scope: 'organization',
  };
}

/** A session as the API shows it. */
export function sessionJson({ sessions, world }: Simulation, view: SessionView): Json {
  const { work, environment } = view;
  const { stamps } = environment.queue;
  const { archivedAt, terminatedAt, events } = sessions.transcript(work);
  const now = stamps.at(world.now);
  const status = sessions.status(view);
  const activeUntil = status === 'running' ? now : (events.at(-1)?.at ?? now);
  return {
    id: work.sessionId,
    type: 'session',
    status,
    environment_id: environment.id,
    agent: { id: 'agent_sim', type: 'agent', name: 'simulated', version: 1, skills: [], mcp_servers: [], tools: [] },
    resources: [],
    metadata: work.metadata,
    title: null,
    vault_ids: [],
    stats: {
      active_seconds: Math.max(0, activeUntil - (work.acknowledgedAt ?? activeUntil)) / 1000,
      duration_seconds: Math.max(0, (terminatedAt ?? now) - work.createdAt) / 1000,
    },
    created_at: stamps.text(work.createdAt),
    updated_at: stamps.text(Math.max(work.createdAt, events.at(-1)?.at ?? 0)),
    archived_at: stamps.textOrNull(archivedAt),
  };
}

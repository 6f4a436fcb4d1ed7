import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { Rejection } from './faults.ts';
import { type ApiStamps, randomId } from './identity.ts';
import { isHeld, type WorkRecord } from './work.ts';
import type { SimEnvironment } from './work-queue.ts';

export type SimSessionStatus = 'running' | 'idle' | 'terminated';

/** An event of a session as the API shows it. */
export type SessionEvent = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** An event before it has an id and a stamp. */
type UnsentEvent = Readonly<Record<string, unknown>> & { readonly type: string };

/** A session and the item that serves it. */
export interface SessionView {
  readonly work: WorkRecord;
  readonly environment: SimEnvironment;
}

/** What one session has said, and what it waits for. */
interface Transcript {
  readonly events: { readonly event: SessionEvent; readonly at: EpochMs }[];
  readonly listeners: Set<(event: SessionEvent) => void>;
  /** The acknowledgement of the run whose events were played, so that each run plays them once. */
  playedFor: EpochMs | null;
  /** The tool call that waits for its result. It outlives a run: an unanswered call is not repeated. */
  openToolCall: string | null;
  terminatedAt: EpochMs | null;
  archivedAt: EpochMs | null;
}

/** The time from the acknowledgement to the session's tool call, and to its end, milliseconds. */
const CALLS_AFTER_MS = 5000;
const TERMINATES_AFTER_MS = 30_000;
const DEFAULT_CALL = { name: 'bash', input: { command: 'make release' } } as const;

interface SessionWorld {
  readonly now: EpochMs;
  readonly stamps: ApiStamps;
  readonly all: readonly SimEnvironment[];
}

/**
 * The events of sessions: enough for the official worker to serve one
 * (docs/design/work-api.md#sessions), and for a monitor to see which one hangs. What a session did is
 * generated when somebody asks.
 */
export class Sessions {
  readonly #world: SessionWorld;
  readonly #random: Random;
  readonly #transcripts = new Map<string, Transcript>();

  constructor(world: SessionWorld, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** @throws Rejection 404 */
  find(sessionId: string): SessionView {
    for (const environment of this.#world.all) {
      const work = environment.queue.findSession(sessionId);
      if (work !== null) return { work, environment };
    }
    throw new Rejection(404, `Session ${sessionId} not found`);
  }

  /** A session that calls a tool is idle until somebody answers; one whose item waits for a worker is running. */
  status(work: WorkRecord): SimSessionStatus {
    const { terminatedAt, openToolCall } = this.transcript(work);
    if (terminatedAt !== null) return 'terminated';
    return work.state === 'stopped' || openToolCall !== null || this.#turnEnded(work) ? 'idle' : 'running';
  }

  /** What the session has said up to now: simulated workers send it no events. */
  transcript(work: WorkRecord): Transcript {
    const transcript = this.#transcriptOf(work);
    const { acknowledgedAt, stoppedAt } = work;
    if (acknowledgedAt === null || transcript.terminatedAt !== null) return transcript;
    const now = this.#now;
    const isNewRun = isHeld(work) && transcript.playedFor !== acknowledgedAt && transcript.openToolCall === null;
    if (isNewRun && callsByItself(work) && now >= acknowledgedAt + CALLS_AFTER_MS) {
      transcript.playedFor = acknowledgedAt;
      this.#playRun(work, acknowledgedAt + CALLS_AFTER_MS);
    }
    if (isHeld(work) && work.conduct === 'terminates' && now >= acknowledgedAt + TERMINATES_AFTER_MS) {
      this.#terminate(work, acknowledgedAt + TERMINATES_AFTER_MS);
    }
    const isOver = work.state === 'stopped' && stoppedAt !== null && transcript.openToolCall === null;
    if (isOver && !this.#turnEnded(work)) this.#becomeIdle(work, stoppedAt, { type: 'end_turn' });
    return transcript;
  }

  /** When and why it became idle; null: it never was. */
  lastIdle(work: WorkRecord): { readonly at: EpochMs; readonly reason: string } | null {
    const idle = this.#transcriptOf(work).events.findLast(({ event }) => event.type === 'session.status_idle');
    return idle === undefined ? null : { at: idle.at, reason: (idle.event.stop_reason as { type: string }).type };
  }

  /** Receives every event from now on, until the returned function is called; first plays the run that a worker has begun. */
  listen({ work }: SessionView, listener: (event: SessionEvent) => void): () => void {
    const transcript = this.transcript(work);
    const { acknowledgedAt } = work;
    if (isHeld(work) && transcript.playedFor !== acknowledgedAt && transcript.terminatedAt === null) {
      transcript.playedFor = acknowledgedAt;
      if (transcript.openToolCall === null) this.#playRun(work, this.#now);
    }
    transcript.listeners.add(listener);
    return () => transcript.listeners.delete(listener);
  }

  /**
   * Accepts events from a client: a tool's result or an interrupt ends the turn, a message wakes a session whose item
   * has stopped. @throws Rejection 400 for a terminated session, 403 for the tool result of a session that wedges
   */
  send({ work, environment }: SessionView, sent: readonly UnsentEvent[]): readonly SessionEvent[] {
    const transcript = this.transcript(work);
    if (transcript.terminatedAt !== null) throw new Rejection(400, `Session ${work.sessionId} is terminated`);
    if (work.conduct === 'wedges' && sent.some((event) => answeredCall(event) !== null)) {
      throw new Rejection(403, 'Token not authorized for this session');
    }
    return sent.map((event) => {
      const stored = this.#add(work, event, this.#now);
      const open = transcript.openToolCall;
      if (open !== null && (answeredCall(event) === open || event.type === 'user.interrupt' || isDenial(event, open))) {
        transcript.openToolCall = null;
        this.#becomeIdle(work, this.#now, { type: 'end_turn' });
      }
      if (event.type === 'user.message') environment.queue.requeue(this.#world.now, work);
      return stored;
    });
  }

  /** Terminates or archives a session. @throws Rejection 404 */
  end(sessionId: string, how: 'terminated' | 'archived'): void {
    const { work } = this.find(sessionId);
    if (how === 'archived') this.transcript(work).archivedAt ??= this.#now;
    else this.#terminate(work, this.#now);
  }

  /** A session as the API shows it. */
  json({ work, environment }: SessionView): Readonly<Record<string, unknown>> {
    const { stamps } = this.#world;
    const { archivedAt, terminatedAt, events } = this.transcript(work);
    const now = this.#now;
    const status = this.status(work);
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

  /** The API's stamp of now. */
  get #now(): EpochMs {
    return this.#world.stamps.at(this.#world.now);
  }

  #transcriptOf({ sessionId }: WorkRecord): Transcript {
    const known = this.#transcripts.get(sessionId);
    if (known !== undefined) return known;
    const empty = { playedFor: null, openToolCall: null, terminatedAt: null, archivedAt: null };
    const transcript: Transcript = { events: [], listeners: new Set(), ...empty };
    this.#transcripts.set(sessionId, transcript);
    return transcript;
  }

  /** What a run begins with: its tool call, or the end of its turn. */
  #playRun(work: WorkRecord, at: EpochMs): void {
    const call = work.toolCall ?? (callsByItself(work) ? DEFAULT_CALL : null);
    if (call === null) {
      this.#becomeIdle(work, at, { type: 'end_turn' });
      return;
    }
    const evaluated_permission = work.conduct === 'awaits-approval' ? 'ask' : 'allow';
    const { id } = this.#add(work, { type: 'agent.tool_use', ...call, evaluated_permission }, at);
    this.#transcriptOf(work).openToolCall = id;
    this.#becomeIdle(work, at, { type: 'requires_action', event_ids: [id] });
  }

  #becomeIdle(work: WorkRecord, at: EpochMs, stop_reason: Readonly<Record<string, unknown>>): void {
    this.#add(work, { type: 'session.status_idle', stop_reason, stop_details: null }, at);
  }

  #terminate(work: WorkRecord, at: EpochMs): void {
    this.#transcriptOf(work).terminatedAt ??= at;
    this.#add(work, { type: 'session.status_terminated' }, at);
  }

  /** The turn of the present run is over: its worker will leave soon. */
  #turnEnded(work: WorkRecord): boolean {
    const idle = this.lastIdle(work);
    return idle !== null && work.acknowledgedAt !== null && idle.at >= work.acknowledgedAt;
  }

  /** Appends an event with an id and the stamp `at`, and tells listeners of it. */
  #add(work: WorkRecord, event: UnsentEvent, at: EpochMs): SessionEvent {
    const { events, listeners } = this.#transcriptOf(work);
    const stored = { ...event, id: randomId('sevt', this.#random), processed_at: this.#world.stamps.text(at) };
    events.push({ event: stored, at });
    for (const listener of listeners) listener(stored);
    return stored;
  }
}

function callsByItself({ conduct }: WorkRecord): boolean {
  return conduct === 'wedges' || conduct === 'awaits-approval';
}

/** The tool call that a client's event answers; null when it answers none. */
function answeredCall(event: UnsentEvent): unknown {
  const isResult = event.type === 'user.tool_result' || event.type === 'user.custom_tool_result';
  return isResult ? (event.tool_use_id ?? event.custom_tool_use_id ?? null) : null;
}

function isDenial(event: UnsentEvent, call: string): boolean {
  return event.type === 'user.tool_confirmation' && event.tool_use_id === call && event.result === 'deny';
}

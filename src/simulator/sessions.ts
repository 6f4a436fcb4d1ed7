import type { EpochMs, Random } from '../base/clock.ts';
import { Rejection } from './faults.ts';
import { type ApiStamps, isHeld, randomId, type WorkRecord } from './work.ts';
import type { SimEnvironment } from './work-queue.ts';

/** An event of a session as the API shows it. */
export type SessionEvent = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** An event before it has an id and a stamp. */
type UnsentEvent = Readonly<Record<string, unknown>> & { readonly type: string };

/** The time from the acknowledgement to the session's tool call, and to its end, milliseconds. */
const CALLS_AFTER_MS = 5000;
const TERMINATES_AFTER_MS = 30_000;
const DEFAULT_CALL = { name: 'bash', input: { command: 'make release' } } as const;

interface SessionWorld {
  readonly now: EpochMs;
  readonly stamps: ApiStamps;
  readonly all: readonly SimEnvironment[];
}

/** All sessions, each of which begins to exist when somebody asks for it. */
export class Sessions {
  readonly #world: SessionWorld;
  readonly #random: Random;
  readonly #known = new Map<string, Session>();

  constructor(world: SessionWorld, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** @throws Rejection 404 */
  find(sessionId: string): Session {
    for (const environment of this.#world.all) {
      const work = environment.queue.findSession(sessionId);
      if (work !== null) return this.of(work, environment);
    }
    throw new Rejection(404, `Session ${sessionId} not found`);
  }

  of(work: WorkRecord, environment: SimEnvironment): Session {
    const session = this.#known.get(work.sessionId) ?? new Session(this.#world, this.#random, work, environment);
    this.#known.set(work.sessionId, session);
    return session.catchUp();
  }
}

/**
 * A session: enough for the official worker to serve it (docs/design/work-api.md#sessions), and for a monitor to see
 * whether it hangs. What it did is generated when somebody asks: simulated workers send it no events.
 */
export class Session {
  readonly work: WorkRecord;
  readonly environment: SimEnvironment;
  readonly events: { readonly event: SessionEvent; readonly at: EpochMs }[] = [];
  readonly #world: SessionWorld;
  readonly #random: Random;
  readonly #listeners = new Set<(event: SessionEvent) => void>();
  /** The acknowledgement of the run whose events were played, so that each run plays them once. */
  #playedFor: EpochMs | null = null;
  /** The tool call that waits for its result. It outlives a run: an unanswered call is not repeated. */
  #openCall: string | null = null;
  #terminatedAt: EpochMs | null = null;

  constructor(world: SessionWorld, random: Random, work: WorkRecord, environment: SimEnvironment) {
    this.#world = world;
    this.#random = random;
    this.work = work;
    this.environment = environment;
  }

  /** One that calls a tool is idle until somebody answers; one whose item waits for a worker is running. */
  get status(): 'running' | 'idle' | 'terminated' {
    if (this.#terminatedAt !== null) return 'terminated';
    return this.work.state === 'stopped' || this.#openCall !== null || this.#turnEnded ? 'idle' : 'running';
  }

  /** When and why it became idle; null: it never was. */
  get lastIdle(): { readonly at: EpochMs; readonly reason: string } | null {
    const idle = this.events.findLast(({ event }) => event.type === 'session.status_idle');
    return idle === undefined ? null : { at: idle.at, reason: (idle.event.stop_reason as { type: string }).type };
  }

  catchUp(): this {
    const { acknowledgedAt, stoppedAt, state, conduct } = this.work;
    if (acknowledgedAt === null || this.#terminatedAt !== null) return this;
    const [callsAt, endsAt] = [acknowledgedAt + CALLS_AFTER_MS, acknowledgedAt + TERMINATES_AFTER_MS];
    if (this.#callsByItself && this.#now >= callsAt) this.#playRun(callsAt);
    if (isHeld(this.work) && conduct === 'terminates' && this.#now >= endsAt) this.terminate(endsAt);
    const isOver = state === 'stopped' && stoppedAt !== null && this.#openCall === null;
    if (isOver && !this.#turnEnded) this.#becomeIdle(stoppedAt, { type: 'end_turn' });
    return this;
  }

  /** Receives every event from now on, until the returned function is called; first plays the run that a worker has begun. */
  listen(listener: (event: SessionEvent) => void): () => void {
    if (this.#terminatedAt === null) this.#playRun(this.#now);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Accepts events from a client: a tool's result or an interrupt ends the turn, a message wakes a session whose item
   * has stopped. @throws Rejection 400 for a terminated session, 403 for the tool result of a session that wedges
   */
  send(sent: readonly UnsentEvent[]): readonly SessionEvent[] {
    const { sessionId, conduct } = this.work;
    if (this.#terminatedAt !== null) throw new Rejection(400, `Session ${sessionId} is terminated`);
    if (conduct === 'wedges' && sent.some(isResult)) {
      throw new Rejection(403, 'Token not authorized for this session');
    }
    return sent.map((event) => {
      const stored = this.#add(event, this.#now);
      if (this.#openCall !== null && ends(this.#openCall, event)) {
        this.#openCall = null;
        this.#becomeIdle(this.#now, { type: 'end_turn' });
      }
      if (event.type === 'user.message') this.environment.queue.requeue(this.#world.now, this.work);
      return stored;
    });
  }

  /** As the API shows it. */
  json(): Readonly<Record<string, unknown>> {
    const { stamps } = this.#world;
    const { sessionId, sessionMetadata, acknowledgedAt, createdAt } = this.work;
    const last = this.events.at(-1)?.at;
    const activeUntil = this.status === 'running' ? this.#now : (last ?? this.#now);
    return {
      id: sessionId,
      type: 'session',
      status: this.status,
      environment_id: this.environment.id,
      agent: { id: 'agent_sim', type: 'agent', name: 'simulated', version: 1, skills: [], mcp_servers: [], tools: [] },
      resources: [],
      metadata: sessionMetadata,
      title: null,
      vault_ids: [],
      stats: {
        active_seconds: Math.max(0, activeUntil - (acknowledgedAt ?? activeUntil)) / 1000,
        duration_seconds: Math.max(0, (this.#terminatedAt ?? this.#now) - createdAt) / 1000,
      },
      created_at: stamps.text(createdAt),
      updated_at: stamps.text(Math.max(createdAt, last ?? 0)),
      archived_at: null,
    };
  }

  /** The API's stamp of now. */
  get #now(): EpochMs {
    return this.#world.stamps.at(this.#world.now);
  }

  get #callsByItself(): boolean {
    return this.work.conduct === 'wedges' || this.work.conduct === 'awaits-approval';
  }

  /** The turn of the present run is over: its worker will leave soon. */
  get #turnEnded(): boolean {
    const { acknowledgedAt } = this.work;
    return this.lastIdle !== null && acknowledgedAt !== null && this.lastIdle.at >= acknowledgedAt;
  }

  /** What each run begins with, once: its tool call, unless one is open, or the end of its turn. */
  #playRun(at: EpochMs): void {
    const { acknowledgedAt, toolCall, conduct } = this.work;
    if (!isHeld(this.work) || this.#playedFor === acknowledgedAt) return;
    this.#playedFor = acknowledgedAt;
    if (this.#openCall !== null) return;
    const call = toolCall ?? (this.#callsByItself ? DEFAULT_CALL : null);
    if (call === null) {
      this.#becomeIdle(at, { type: 'end_turn' });
      return;
    }
    const evaluated_permission = conduct === 'awaits-approval' ? 'ask' : 'allow';
    this.#openCall = this.#add({ type: 'agent.tool_use', ...call, evaluated_permission }, at).id;
    this.#becomeIdle(at, { type: 'requires_action', event_ids: [this.#openCall] });
  }

  #becomeIdle(at: EpochMs, stop_reason: Readonly<Record<string, unknown>>): void {
    this.#add({ type: 'session.status_idle', stop_reason, stop_details: null }, at);
  }

  /** As it does by itself, or its user does. */
  terminate(at: EpochMs = this.#now): void {
    this.#terminatedAt ??= at;
    this.#add({ type: 'session.status_terminated' }, at);
  }

  /** Appends an event with an id and the stamp `at`, and tells listeners of it. */
  #add(event: UnsentEvent, at: EpochMs): SessionEvent {
    const stored = { ...event, id: randomId('sevt', this.#random), processed_at: this.#world.stamps.text(at) };
    this.events.push({ event: stored, at });
    for (const listener of this.#listeners) listener(stored);
    return stored;
  }
}

const isResult = ({ type }: UnsentEvent) => type === 'user.tool_result' || type === 'user.custom_tool_result';

/** A result or a denial of this call, or an interrupt of whatever goes on. */
function ends(call: string, event: UnsentEvent): boolean {
  const { type, tool_use_id, custom_tool_use_id, result } = event;
  if (type === 'user.interrupt') return true;
  const isDenial = type === 'user.tool_confirmation' && result === 'deny';
  return (isDenial || isResult(event)) && (tool_use_id ?? custom_tool_use_id) === call;
}

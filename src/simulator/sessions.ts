import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { randomId } from './identity.ts';
import { Rejection } from './rejection.ts';
import { isHeld, type WorkRecord } from './work.ts';
import type { SimEnvironment, World } from './world.ts';

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

/**
 * The events of sessions: enough for the official worker to serve one
 * (docs/design/work-api.md#what-the-official-worker-calls), and for a monitor to see which one hangs. Sessions that
 * nobody asks about cost nothing: what they did is generated on request.
 */
export class Sessions {
  readonly #world: World;
  readonly #random: Random;
  readonly #transcripts = new Map<string, Transcript>();

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** @throws Rejection 404 */
  find(sessionId: string): SessionView {
    for (const environment of this.#world.environments) {
      const work = environment.queue.findSession(sessionId);
      if (work === null) continue;
      const view = { work, environment };
      this.#catchUp(view);
      return view;
    }
    throw new Rejection(404, `Session ${sessionId} not found`);
  }

  /** A session that calls a tool is idle until somebody answers; one whose item waits for a worker is running. */
  status({ work }: SessionView): SimSessionStatus {
    const { terminatedAt, openToolCall } = this.transcript(work);
    if (terminatedAt !== null) return 'terminated';
    return work.state === 'stopped' || openToolCall !== null || this.#turnEnded(work) ? 'idle' : 'running';
  }

  transcript({ sessionId }: Pick<WorkRecord, 'sessionId'>): Transcript {
    const known = this.#transcripts.get(sessionId);
    if (known !== undefined) return known;
    const empty = { playedFor: null, openToolCall: null, terminatedAt: null, archivedAt: null };
    const transcript: Transcript = { events: [], listeners: new Set(), ...empty };
    this.#transcripts.set(sessionId, transcript);
    return transcript;
  }

  /** When and why it became idle; null: it never was. */
  lastIdle(work: WorkRecord): { readonly at: EpochMs; readonly reason: string } | null {
    const idle = this.transcript(work).events.findLast(({ event }) => event.type === 'session.status_idle');
    return idle === undefined ? null : { at: idle.at, reason: (idle.event.stop_reason as { type: string }).type };
  }

  /** Receives every event from now on, until the returned function is called; first plays the run that a worker has begun. */
  listen(view: SessionView, listener: (event: SessionEvent) => void): () => void {
    const transcript = this.transcript(view.work);
    const { acknowledgedAt } = view.work;
    if (isHeld(view.work) && transcript.playedFor !== acknowledgedAt && transcript.terminatedAt === null) {
      transcript.playedFor = acknowledgedAt;
      if (transcript.openToolCall === null) this.#playRun(view, this.#now);
    }
    transcript.listeners.add(listener);
    return () => transcript.listeners.delete(listener);
  }

  /**
   * Accepts events from a client: a tool's result or an interrupt ends the turn, a message wakes a session whose item
   * has stopped. @throws Rejection 400 for a terminated session, 403 for the tool result of a session that wedges
   */
  send(view: SessionView, sent: readonly UnsentEvent[]): readonly SessionEvent[] {
    const { work, environment } = view;
    const transcript = this.transcript(work);
    if (transcript.terminatedAt !== null) throw new Rejection(400, `Session ${work.sessionId} is terminated`);
    if (work.conduct === 'wedges' && sent.some((event) => answeredCall(event) !== null)) {
      throw new Rejection(403, 'Token not authorized for this session');
    }
    return sent.map((event) => {
      const stored = this.#add(view, event, this.#now);
      const open = transcript.openToolCall;
      if (open !== null && (answeredCall(event) === open || event.type === 'user.interrupt' || isDenial(event, open))) {
        transcript.openToolCall = null;
        this.#endTurn(view, this.#now);
      }
      if (event.type === 'user.message') environment.queue.requeue(this.#world.now, work);
      return stored;
    });
  }

  /** Terminates or archives a session. @throws Rejection 404 */
  end(sessionId: string, how: 'terminated' | 'archived'): void {
    const view = this.find(sessionId);
    if (how === 'archived') this.transcript(view.work).archivedAt ??= this.#now;
    else this.#terminate(view, this.#now);
  }

  /** The API's stamp of now. */
  get #now(): EpochMs {
    return this.#world.stamps.at(this.#world.now);
  }

  /** Generates what the session has done since it was last asked about: simulated workers send it no events. */
  #catchUp(view: SessionView): void {
    const { work } = view;
    const transcript = this.transcript(work);
    const { acknowledgedAt, stoppedAt, conduct } = work;
    if (acknowledgedAt === null || transcript.terminatedAt !== null) return;
    const now = this.#now;
    const isNewRun = isHeld(work) && transcript.playedFor !== acknowledgedAt && transcript.openToolCall === null;
    if (isNewRun && callsByItself(work) && now >= acknowledgedAt + CALLS_AFTER_MS) {
      transcript.playedFor = acknowledgedAt;
      this.#playRun(view, acknowledgedAt + CALLS_AFTER_MS);
    }
    if (isHeld(work) && conduct === 'terminates' && now >= acknowledgedAt + TERMINATES_AFTER_MS) {
      this.#terminate(view, acknowledgedAt + TERMINATES_AFTER_MS);
    }
    const isOver = work.state === 'stopped' && stoppedAt !== null && transcript.openToolCall === null;
    if (isOver && !this.#turnEnded(work)) this.#endTurn(view, stoppedAt);
  }

  /** What a run begins with: its tool call, or the end of its turn. */
  #playRun(view: SessionView, at: EpochMs): void {
    const { work } = view;
    const call = work.toolCall ?? (callsByItself(work) ? DEFAULT_CALL : null);
    if (call === null) {
      this.#endTurn(view, at);
      return;
    }
    const evaluated_permission = work.conduct === 'awaits-approval' ? 'ask' : 'allow';
    const { id } = this.#add(view, { type: 'agent.tool_use', ...call, evaluated_permission }, at);
    this.transcript(work).openToolCall = id;
    const stop_reason = { type: 'requires_action', event_ids: [id] };
    this.#add(view, { type: 'session.status_idle', stop_reason, stop_details: null }, at);
  }

  /** The turn ends: the session waits for a message. */
  #endTurn(view: SessionView, at: EpochMs): void {
    this.#add(view, { type: 'session.status_idle', stop_reason: { type: 'end_turn' }, stop_details: null }, at);
  }

  #terminate(view: SessionView, at: EpochMs): void {
    this.transcript(view.work).terminatedAt ??= at;
    this.#add(view, { type: 'session.status_terminated' }, at);
  }

  /** The turn of the present run is over: its worker will leave soon. */
  #turnEnded(work: WorkRecord): boolean {
    const idle = this.lastIdle(work);
    return idle !== null && work.acknowledgedAt !== null && idle.at >= work.acknowledgedAt;
  }

  /** Appends an event with an id and the stamp `at`, and tells listeners of it. */
  #add({ work }: SessionView, event: UnsentEvent, at: EpochMs): SessionEvent {
    const { events, listeners } = this.transcript(work);
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

import type { EpochMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { randomId } from '../queue/identity.ts';
import { Rejection } from '../queue/rejection.ts';
import type { SimEnvironment } from '../queue/sim-environment.ts';
import { isHeld, type WorkRecord } from '../queue/work-record.ts';
import { type SessionEvent, type SessionListener, type StampedEvent, Transcript } from './transcript.ts';
import type { World } from './world.ts';

/** A session and the item that serves it. */
export interface SessionView {
  readonly work: WorkRecord;
  readonly environment: SimEnvironment;
}

export type SimSessionStatus = 'running' | 'idle' | 'terminated';

/** The time from the acknowledgement to the session's tool call, milliseconds. */
const CALLS_AFTER_MS = 5000;
const TERMINATES_AFTER_MS = 30_000;
const DEFAULT_CALL = { name: 'bash', input: { command: 'make release' } } as const;

/**
 * The events of sessions: enough for the official worker to serve one
 * (docs/design/work-api.md#what-the-official-worker-calls), and for a monitor to see which one hangs.
 *
 * A run plays a tool call, if its item has one, waits for the result and ends the turn. Sessions that nobody asks about
 * cost nothing: their events are generated on request.
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

  /** In the order in which they happened. */
  history({ work }: SessionView): readonly StampedEvent[] {
    return this.transcript(work).events;
  }

  transcript({ sessionId }: Pick<WorkRecord, 'sessionId'>): Transcript {
    const known = this.#transcripts.get(sessionId) ?? new Transcript();
    this.#transcripts.set(sessionId, known);
    return known;
  }

  /**
   * Receives every event from now on, until the returned function is called. If a worker holds the item, first plays
   * the events of its run.
   */
  listen(view: SessionView, listener: SessionListener): () => void {
    const transcript = this.transcript(view.work);
    const { acknowledgedAt } = view.work;
    if (isHeld(view.work) && transcript.playedFor !== acknowledgedAt && transcript.terminatedAt === null) {
      transcript.playedFor = acknowledgedAt;
      if (transcript.openToolCall === null) this.#play(view, this.#now(view));
    }
    transcript.listeners.add(listener);
    return () => transcript.listeners.delete(listener);
  }

  /**
   * Accepts events from a client: a tool's result or an interrupt ends the turn, a message wakes a session whose item
   * has stopped. @throws Rejection 400 for a terminated session, 403 for the tool result of a session that wedges
   */
  send(view: SessionView, sent: readonly Readonly<Record<string, unknown>>[]): readonly SessionEvent[] {
    const transcript = this.transcript(view.work);
    if (transcript.terminatedAt !== null) throw new Rejection(400, `Session ${view.work.sessionId} is terminated`);
    if (view.work.conduct === 'wedges' && sent.some((event) => answeredCall(event) !== null)) {
      throw new Rejection(403, 'Token not authorized for this session');
    }
    return sent.map((event) => {
      const stored = this.#add(view, { ...event, type: String(event.type) }, this.#now(view));
      const open = transcript.openToolCall;
      if (open !== null && (answeredCall(event) === open || event.type === 'user.interrupt' || isDenial(event, open))) {
        transcript.openToolCall = null;
        this.#endTurn(view, this.#now(view));
      }
      if (event.type === 'user.message') view.environment.queue.requeue(this.#world.now, view.work);
      return stored;
    });
  }

  /** Terminates or archives a session. @throws Rejection 404 */
  end(sessionId: string, how: 'terminated' | 'archived'): void {
    const view = this.find(sessionId);
    const now = this.#now(view);
    if (how === 'archived') this.transcript(view.work).archivedAt ??= now;
    else this.#terminate(view, now);
  }

  /** Generates what the session has done since it was last asked about: simulated workers send it no events. */
  #catchUp(view: SessionView): void {
    const { work } = view;
    const transcript = this.transcript(work);
    const { acknowledgedAt, stoppedAt, conduct } = work;
    if (acknowledgedAt === null || transcript.terminatedAt !== null) return;
    const now = this.#now(view);
    const byItself = isHeld(work) && transcript.playedFor !== acknowledgedAt;
    const calls = conduct === 'wedges' || conduct === 'awaits-approval';
    if (byItself && calls && transcript.openToolCall === null && now >= acknowledgedAt + CALLS_AFTER_MS) {
      transcript.playedFor = acknowledgedAt;
      this.#play(view, acknowledgedAt + CALLS_AFTER_MS);
    }
    if (isHeld(work) && conduct === 'terminates' && now >= acknowledgedAt + TERMINATES_AFTER_MS) {
      this.#terminate(view, acknowledgedAt + TERMINATES_AFTER_MS);
    }
    if (work.state === 'stopped' && stoppedAt !== null && transcript.openToolCall === null && !this.#turnEnded(work)) {
      this.#endTurn(view, stoppedAt);
    }
  }

  #play(view: SessionView, at: EpochMs): void {
    const { toolCall, conduct } = view.work;
    const call = toolCall ?? (conduct === 'wedges' || conduct === 'awaits-approval' ? DEFAULT_CALL : null);
    if (call === null) {
      this.#endTurn(view, at);
      return;
    }
    const evaluated_permission = conduct === 'awaits-approval' ? 'ask' : 'allow';
    const { id } = this.#add(view, { type: 'agent.tool_use', ...call, evaluated_permission }, at);
    this.transcript(view.work).openToolCall = id;
    const stop_reason = { type: 'requires_action', event_ids: [id] };
    this.#add(view, { type: 'session.status_idle', stop_reason, stop_details: null }, at);
  }

  #endTurn(view: SessionView, at: EpochMs): void {
    this.#add(view, { type: 'session.status_idle', stop_reason: { type: 'end_turn' }, stop_details: null }, at);
  }

  #terminate(view: SessionView, at: EpochMs): void {
    this.transcript(view.work).terminatedAt ??= at;
    this.#add(view, { type: 'session.status_terminated' }, at);
  }

  /** The turn of the present run is over: its worker will leave soon. */
  #turnEnded(work: WorkRecord): boolean {
    const idle = this.transcript(work).last('session.status_idle');
    return idle !== null && work.acknowledgedAt !== null && idle.at >= work.acknowledgedAt;
  }

  #add(
    { work, environment: { queue } }: SessionView,
    event: Readonly<Record<string, unknown>> & { type: string },
    at: EpochMs,
  ): SessionEvent {
    const stored = { ...event, id: randomId('sevt', this.#random), processed_at: queue.text(at) };
    return this.transcript(work).add(stored, at);
  }

  /** The API's stamp of now. */
  #now({ environment: { queue } }: SessionView): EpochMs {
    return queue.stamp(this.#world.now);
  }
}

/** The tool call that a client's event answers; null when it answers none. */
function answeredCall(event: Readonly<Record<string, unknown>>): unknown {
  const isResult = event.type === 'user.tool_result' || event.type === 'user.custom_tool_result';
  return isResult ? (event.tool_use_id ?? event.custom_tool_use_id ?? null) : null;
}

function isDenial(event: Readonly<Record<string, unknown>>, call: string): boolean {
  return event.type === 'user.tool_confirmation' && event.tool_use_id === call && event.result === 'deny';
}

import type { EpochMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { Rejection } from '../queue/rejection.ts';
import { isHeld, type WorkRecord } from '../queue/work-record.ts';
import { SessionPlay, type SessionView } from './session-play.ts';
import { type SessionEvent, type SessionListener, type StampedEvent, Transcript } from './transcript.ts';
import type { World } from './world.ts';

export type SimSessionStatus = 'running' | 'idle' | 'terminated';

/**
 * The events of sessions: enough for the official worker to serve one
 * (docs/design/work-api.md#what-the-official-worker-calls), and for a monitor to see which one hangs. Sessions that
 * nobody asks about cost nothing: their events are generated on request.
 */
export class Sessions {
  readonly #world: World;
  readonly #play: SessionPlay;
  readonly #transcripts = new Map<string, Transcript>();

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#play = new SessionPlay((work) => this.transcript(work), random);
  }

  /** @throws Rejection 404 */
  find(sessionId: string): SessionView {
    for (const environment of this.#world.environments) {
      const work = environment.queue.findSession(sessionId);
      if (work === null) continue;
      const view = { work, environment };
      this.#play.catchUp(view, this.#now(view));
      return view;
    }
    throw new Rejection(404, `Session ${sessionId} not found`);
  }

  /** A session that calls a tool is idle until somebody answers; one whose item waits for a worker is running. */
  status({ work }: SessionView): SimSessionStatus {
    const { terminatedAt, openToolCall } = this.transcript(work);
    if (terminatedAt !== null) return 'terminated';
    return work.state === 'stopped' || openToolCall !== null || this.#play.turnEnded(work) ? 'idle' : 'running';
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
      if (transcript.openToolCall === null) this.#play.play(view, this.#now(view));
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
      const stored = this.#play.add(view, { ...event, type: String(event.type) }, this.#now(view));
      const open = transcript.openToolCall;
      if (open !== null && (answeredCall(event) === open || event.type === 'user.interrupt' || isDenial(event, open))) {
        transcript.openToolCall = null;
        this.#play.endTurn(view, this.#now(view));
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
    else this.#play.terminate(view, now);
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

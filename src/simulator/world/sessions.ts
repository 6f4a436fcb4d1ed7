import type { Random } from '../../base/random.ts';
import { randomId } from '../queue/identity.ts';
import { Rejection } from '../queue/rejection.ts';
import type { SimEnvironment } from '../queue/sim-environment.ts';
import { isHeld, type WorkRecord } from '../queue/work-record.ts';
import type { World } from './world.ts';

/** An event of a session as the API shows it. */
export type SessionEvent = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** A session with the item that serves it. */
export interface SessionView {
  readonly work: WorkRecord;
  readonly environment: SimEnvironment;
}

type Listener = (event: SessionEvent) => void;

interface Transcript {
  readonly events: SessionEvent[];
  readonly listeners: Set<Listener>;
  /** The acknowledgement of the run whose events were played, so that each run plays them once. */
  playedFor: number | null;
  /** The tool call that waits for its result. */
  openToolCall: string | null;
  terminated: boolean;
}

/**
 * What sessions say: enough for the official worker to serve one
 * (docs/design/work-api.md#what-the-official-worker-calls).
 *
 * A run plays a tool call, if its item has one, waits for the result and ends the turn. Sessions that no real worker
 * asks about cost nothing.
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
      if (work !== null) return { work, environment };
    }
    throw new Rejection(404, `Session ${sessionId} not found`);
  }

  status({ work }: SessionView): 'running' | 'idle' | 'terminated' {
    if (this.#transcript(work).terminated) return 'terminated';
    return work.state === 'stopped' ? 'idle' : 'running';
  }

  /** The history so far. A worker that asks for it has its run's events played first. */
  history(view: SessionView): readonly SessionEvent[] {
    const transcript = this.#transcript(view.work);
    if (isHeld(view.work) && transcript.playedFor !== view.work.acknowledgedAt && !transcript.terminated) {
      transcript.playedFor = view.work.acknowledgedAt;
      this.#play(view, transcript);
    }
    return transcript.events;
  }

  /** Hears every event from now on, until the returned function is called. */
  listen({ work }: SessionView, listener: Listener): () => void {
    const { listeners } = this.#transcript(work);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Takes events from a client: a tool's result ends the turn, a message wakes a session whose item has stopped. */
  send(view: SessionView, sent: readonly Readonly<Record<string, unknown>>[]): readonly SessionEvent[] {
    const transcript = this.#transcript(view.work);
    if (transcript.terminated) throw new Rejection(400, `Session ${view.work.sessionId} is terminated`);
    return sent.map((event) => {
      const stored = this.#add(view, { ...event, type: String(event.type) });
      const answered = event.tool_use_id ?? event.custom_tool_use_id;
      if (transcript.openToolCall !== null && answered === transcript.openToolCall) {
        transcript.openToolCall = null;
        this.#endTurn(view);
      }
      if (event.type === 'user.message') view.environment.queue.requeue(this.#world.now, view.work);
      return stored;
    });
  }

  /** Ends a session for good. @throws Rejection 404 */
  terminate(sessionId: string): void {
    const view = this.find(sessionId);
    this.#transcript(view.work).terminated = true;
    this.#add(view, { type: 'session.status_terminated' });
  }

  #play(view: SessionView, transcript: Transcript): void {
    const { toolCall } = view.work;
    if (toolCall === null) {
      this.#endTurn(view);
      return;
    }
    const { id } = this.#add(view, { type: 'agent.tool_use', ...toolCall, evaluated_permission: 'allow' });
    transcript.openToolCall = id;
  }

  #endTurn(view: SessionView): void {
    this.#add(view, { type: 'session.status_idle', stop_reason: { type: 'end_turn' }, stop_details: null });
  }

  #add(
    { work, environment: { queue } }: SessionView,
    event: Readonly<Record<string, unknown>> & { type: string },
  ): SessionEvent {
    const transcript = this.#transcript(work);
    const processedAt = queue.text(queue.stamp(this.#world.now));
    const stored = { ...event, id: randomId('sevt', this.#random), processed_at: processedAt };
    transcript.events.push(stored);
    for (const listener of transcript.listeners) listener(stored);
    return stored;
  }

  #transcript({ sessionId }: WorkRecord): Transcript {
    const known = this.#transcripts.get(sessionId);
    if (known !== undefined) return known;
    const fresh = {
      events: [],
      listeners: new Set<Listener>(),
      playedFor: null,
      openToolCall: null,
      terminated: false,
    };
    this.#transcripts.set(sessionId, fresh);
    return fresh;
  }
}

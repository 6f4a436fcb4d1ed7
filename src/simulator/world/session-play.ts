import type { EpochMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { randomId } from '../queue/identity.ts';
import type { SimEnvironment } from '../queue/sim-environment.ts';
import { isHeld, type WorkRecord } from '../queue/work-record.ts';
import type { SessionEvent, Transcript } from './transcript.ts';

/** A session and the item that serves it. */
export interface SessionView {
  readonly work: WorkRecord;
  readonly environment: SimEnvironment;
}

/** The time from the acknowledgement to the session's tool call, milliseconds. */
const CALLS_AFTER_MS = 5000;
const TERMINATES_AFTER_MS = 30_000;
const DEFAULT_CALL = { name: 'bash', input: { command: 'make release' } } as const;

/**
 * What a session does by itself: a run plays a tool call, if its item has one, waits for the result and ends the turn.
 */
export class SessionPlay {
  readonly #transcript: (work: WorkRecord) => Transcript;
  readonly #random: Random;

  constructor(transcript: (work: WorkRecord) => Transcript, random: Random) {
    this.#transcript = transcript;
    this.#random = random;
  }

  /** Generates what the session has done since it was last asked about: simulated workers send it no events. */
  catchUp(view: SessionView, now: EpochMs): void {
    const { work } = view;
    const transcript = this.#transcript(work);
    const { acknowledgedAt, stoppedAt, conduct } = work;
    if (acknowledgedAt === null || transcript.terminatedAt !== null) return;
    const byItself = isHeld(work) && transcript.playedFor !== acknowledgedAt;
    const calls = conduct === 'wedges' || conduct === 'awaits-approval';
    if (byItself && calls && transcript.openToolCall === null && now >= acknowledgedAt + CALLS_AFTER_MS) {
      transcript.playedFor = acknowledgedAt;
      this.play(view, acknowledgedAt + CALLS_AFTER_MS);
    }
    if (isHeld(work) && conduct === 'terminates' && now >= acknowledgedAt + TERMINATES_AFTER_MS) {
      this.terminate(view, acknowledgedAt + TERMINATES_AFTER_MS);
    }
    if (work.state === 'stopped' && stoppedAt !== null && transcript.openToolCall === null && !this.turnEnded(work)) {
      this.endTurn(view, stoppedAt);
    }
  }

  /** Plays what a run begins with: its tool call, or the end of its turn. */
  play(view: SessionView, at: EpochMs): void {
    const { toolCall, conduct } = view.work;
    const call = toolCall ?? (conduct === 'wedges' || conduct === 'awaits-approval' ? DEFAULT_CALL : null);
    if (call === null) {
      this.endTurn(view, at);
      return;
    }
    const evaluated_permission = conduct === 'awaits-approval' ? 'ask' : 'allow';
    const { id } = this.add(view, { type: 'agent.tool_use', ...call, evaluated_permission }, at);
    this.#transcript(view.work).openToolCall = id;
    const stop_reason = { type: 'requires_action', event_ids: [id] };
    this.add(view, { type: 'session.status_idle', stop_reason, stop_details: null }, at);
  }

  /** The turn ends: the session waits for a message. */
  endTurn(view: SessionView, at: EpochMs): void {
    this.add(view, { type: 'session.status_idle', stop_reason: { type: 'end_turn' }, stop_details: null }, at);
  }

  terminate(view: SessionView, at: EpochMs): void {
    this.#transcript(view.work).terminatedAt ??= at;
    this.add(view, { type: 'session.status_terminated' }, at);
  }

  /** The turn of the present run is over: its worker will leave soon. */
  turnEnded(work: WorkRecord): boolean {
    const idle = this.#transcript(work).last('session.status_idle');
    return idle !== null && work.acknowledgedAt !== null && idle.at >= work.acknowledgedAt;
  }

  /** Appends an event with an id and the stamp `at`, and tells listeners of it. */
  add(
    { work, environment: { queue } }: SessionView,
    event: Readonly<Record<string, unknown>> & { type: string },
    at: EpochMs,
  ): SessionEvent {
    const stored = { ...event, id: randomId('sevt', this.#random), processed_at: queue.text(at) };
    return this.#transcript(work).add(stored, at);
  }
}

import type { EpochMs } from '../../base/clock.ts';

/** An event of a session as the API shows it. */
export type SessionEvent = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

export type SessionListener = (event: SessionEvent) => void;

/** An event with its stamp as a number. */
export interface StampedEvent {
  readonly event: SessionEvent;
  readonly at: EpochMs;
}

/** What one session has said, and what it waits for. */
export class Transcript {
  readonly events: StampedEvent[] = [];
  readonly listeners = new Set<SessionListener>();
  /** The acknowledgement of the run whose events were played, so that each run plays them once. */
  playedFor: EpochMs | null = null;
  /** The tool call that waits for its result. It outlives a run: an unanswered call is not repeated. */
  openToolCall: string | null = null;
  terminatedAt: EpochMs | null = null;
  archivedAt: EpochMs | null = null;

  add(event: SessionEvent, at: EpochMs): SessionEvent {
    this.events.push({ event, at });
    for (const listener of this.listeners) listener(event);
    return event;
  }

  /** The last event of a type; null when there is none. */
  last(type: string): StampedEvent | null {
    return this.events.findLast(({ event }) => event.type === type) ?? null;
  }
}

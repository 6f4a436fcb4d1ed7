import type { ClientObserver, ClockSample, JudgedCredential, SentRequest } from '../../client/client-observer.ts';
import type { FailureReason } from '../../domain/failure.ts';
import type { SelfMetrics } from '../../metrics/self-metrics.ts';
import { requestCounted } from '../../state/changes.ts';
import type { StateStore } from '../../state/environment-state.ts';
import { sessionRequestCounted } from '../../state/sessions.ts';
import type { CredentialVerdicts } from './credential-verdicts.ts';

export interface ObserverDeps {
  readonly states: StateStore;
  readonly self: SelfMetrics;
  readonly credentials: CredentialVerdicts;
  /**
   * False once a reload has removed the connection: a request that ends later must not bring its series back. It still
   * counts for its environment, which may be read through another connection by now.
   */
  isInUse(connection: string): boolean;
  /** False once a reload has replaced the key: an answer to it that comes later says nothing of the new one. */
  isInForce(key: JudgedCredential): boolean;
  clockSampled(sample: ClockSample): void;
  /** The API refused a key: the file that it came from may hold a new one. */
  keyRefused(): void;
}

/** Puts what the client reports where it belongs: into the environment's state, or into the exporter's own metrics. */
export function createObserver(deps: ObserverDeps): ClientObserver {
  const { states, self, credentials, isInUse, isInForce, clockSampled, keyRefused } = deps;
  const count = ({ environmentId, operation, credential }: SentRequest, reason: FailureReason | null) => {
    if (environmentId === null) return;
    if (operation === 'session') {
      states.update(environmentId, (state) => sessionRequestCounted(state, reason));
      return;
    }
    // Single reads of items count for the list: docs/metrics.md#polls-and-the-api.
    const of = operation === 'stats' ? 'stats' : 'list';
    states.update(environmentId, (state) => requestCounted(state, of, { credential, reason }));
  };
  return {
    requestEnded(event) {
      if (isInUse(event.connection)) self.requestEnded(event);
      count(event, event.reason);
    },
    requestCalledOff(request) {
      if (isInUse(request.connection)) self.requestSent(request.connection);
      count(request, null);
    },
    clockSampled,
    credentialJudged(event) {
      if (!isInForce(event)) return;
      credentials.judged(event);
      if (event.accepted === false) keyRefused();
    },
    unknownValue(kind) {
      self.unknownValue(kind);
    },
  };
}

/**
 * The observer for one API object of a connection. Answers that arrive after a reload has replaced it count as requests, but
 * they may come from another server: they say nothing about the present server's clock or keys.
 */
export function whileInForce(observer: ClientObserver, isInForce: () => boolean): ClientObserver {
  return {
    ...observer,
    clockSampled: (sample) => isInForce() && observer.clockSampled(sample),
    credentialJudged: (event) => isInForce() && observer.credentialJudged(event),
  };
}

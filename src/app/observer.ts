import type { ClientObserver, ClockSample, RequestEvent } from '../client/work-api.ts';
import type { SelfMetrics } from '../metrics/self-metrics.ts';
import type { StateStore } from '../state/environment-state.ts';
import { requestCounted } from '../state/transitions.ts';
import type { CredentialLog } from './credential-log.ts';

export interface ObserverDeps {
  readonly states: StateStore;
  readonly self: SelfMetrics;
  readonly credentials: CredentialLog;
  clockSampled(sample: ClockSample): void;
  /** The API refused a key: the file that it came from may hold a new one. */
  keyRefused(): void;
}

/** Puts what the client reports where it belongs: into the environment's state or among the exporter's own metrics. */
export function createObserver({ states, self, credentials, clockSampled, keyRefused }: ObserverDeps): ClientObserver {
  return {
    requestEnded(event: RequestEvent) {
      self.requestEnded(event);
      if (event.environmentId === null) return;
      // Single reads of items belong to the list: metrics.md, `api_requests_total`.
      const operation = event.operation === 'stats' ? 'stats' : 'list';
      states.update(event.environmentId, (state) => requestCounted(state, operation, event));
    },
    clockSampled,
    credentialJudged(event) {
      self.credentialJudged(event);
      credentials.judged(event);
      if (!event.accepted) keyRefused();
    },
    unknownValue(kind) {
      self.unknownValue(kind);
    },
  };
}

import type { ClientObserver, SentRequest } from '../../client/work-api.ts';
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
  /** The API refused a key: the file that it came from may hold a new one. */
  keyRefused(): void;
}

/** Puts what the client reports where it belongs: into the environment's state, or into the exporter's own metrics. */
export function createObserver(deps: ObserverDeps): Omit<ClientObserver, 'clockSampled'> {
  const { states, self, credentials, isInUse, keyRefused } = deps;
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
      if (isInUse(event.connection)) {
        self.requestEnded(event.operation, event.durationSeconds);
        self.add('anthropic_work_api_budget_requests_total', { connection: event.connection });
      }
      count(event, event.reason);
    },
    requestCalledOff(request) {
      // Nothing more is known of it: its duration says nothing about the API.
      if (isInUse(request.connection))
        self.add('anthropic_work_api_budget_requests_total', { connection: request.connection });
      count(request, null);
    },
    credentialJudged(event) {
      credentials.judged(event);
      if (event.accepted === false) keyRefused();
    },
  };
}

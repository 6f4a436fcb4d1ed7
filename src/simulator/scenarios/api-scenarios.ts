import { inProdOnly, PROD, PROD_ARRIVALS, STEADY } from './plans.ts';
import type { Scenario } from './scenario.ts';

/** What the API does to the exporter while the workers are fine. */
export const API_SCENARIOS: readonly Scenario[] = [
  {
    name: 'auth-expired',
    happens: 'Every key has been revoked.',
    expect:
      'up is 0 everywhere with reason unauthorized: AnthropicWorkApiKeyRefused pages once, not once per environment.',
    alone: {
      happens: 'The keys of prod have been revoked.',
      expect: 'up of prod is 0 with reason unauthorized: AnthropicWorkKeyRefused pages.',
    },
    plans: STEADY,
    warmUpSeconds: 300,
    faults: [{ kind: 'revoked' }],
  },
  {
    name: 'rate-limited',
    happens: 'Most requests get 429 with a Retry-After of fifteen seconds.',
    expect:
      'The exporter slows down and shows what it knows, until queues have not been read for minutes: AnthropicWorkRateLimited pages.',
    plans: STEADY,
    warmUpSeconds: 300,
    faults: [{ kind: 'status', status: 429, retryAfterSeconds: 15, probability: 0.8 }],
  },
  {
    name: 'api-down',
    happens: 'Every request gets 503.',
    expect: 'up is 0 with reason server_error, and values disappear once they are stale: AnthropicWorkApiUnreachable.',
    plans: STEADY,
    warmUpSeconds: 300,
    faults: [{ kind: 'status', status: 503, shouldRetry: true }],
  },
  {
    name: 'flapping',
    happens: 'The workers in prod come and go every ninety seconds, and one request in five fails.',
    expect: 'Values jump, but alerts do not flap: either none fires, or one fires and stays.',
    plans: inProdOnly({
      phases: [
        { seconds: 90, arrivals: PROD_ARRIVALS, fleets: [PROD] },
        { seconds: 90, fleets: [] },
      ],
    }),
    warmUpSeconds: 170,
    faults: [{ kind: 'status', status: 500, probability: 0.2 }],
  },
  {
    name: 'clock-skew',
    happens: "The API's clock is ninety seconds ahead.",
    expect: 'Ages are still right, and api_clock_skew_seconds says 90.',
    plans: STEADY,
    warmUpSeconds: 300,
    skewSeconds: 90,
  },
];

import { type Clock, systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { Budget } from '../../src/client/budget.ts';
import type { ConnectionOptions } from '../../src/client/client.ts';
import { ApiError } from '../../src/client/failures.ts';
import { HttpWorkApi } from '../../src/client/http-work-api.ts';
import type {
  ClientObserver,
  ClockSample,
  JudgedCredential,
  RequestEvent,
  SentRequest,
} from '../../src/client/work-api.ts';
import { Drift } from '../../src/wire/read.ts';

export const API_KEY = 'sk-ant-api03-TESTTESTTESTTEST';
export const ENVIRONMENT_KEY = 'sk-ant-oat01-TESTTESTTESTTEST';

/** Short waits, the pauses before a retry, are over at once; long ones, the deadlines, are real. */
export const impatientClock: Clock = {
  ...systemClock,
  setTimer: (delayMs, run) => systemClock.setTimer(delayMs < 1000 ? 0 : delayMs, run),
};

/** Remembers what the client told. */
export class RecordingObserver implements ClientObserver {
  readonly ended: RequestEvent[] = [];
  readonly calledOff: SentRequest[] = [];
  readonly samples: ClockSample[] = [];
  readonly judged: JudgedCredential[] = [];
  readonly unknown: string[] = [];

  requestEnded(event: RequestEvent): void {
    this.ended.push(event);
  }
  requestCalledOff(request: SentRequest): void {
    this.calledOff.push(request);
  }
  clockSampled(sample: ClockSample): void {
    this.samples.push(sample);
  }
  credentialJudged(event: JudgedCredential): void {
    if (event.accepted !== null) this.judged.push(event);
  }
}

export interface TestClientOptions {
  readonly connection?: Partial<ConnectionOptions>;
  readonly apiKey?: string | null;
  /** The API key of the moment, in place of one that stays. */
  readonly apiKeyNow?: () => string;
  readonly environmentKey?: string | null;
  readonly clock?: Clock;
  readonly env?: Record<string, string>;
  readonly requestsPerMinute?: number;
}

export interface TestClient {
  readonly api: HttpWorkApi;
  readonly budget: Budget;
  readonly observer: RecordingObserver;
}

export function createTestClient(baseUrl: string, options: TestClientOptions = {}): TestClient {
  const { clock = impatientClock, env = {} } = options;
  const observer = new RecordingObserver();
  const random = () => 0.5;
  const budget = new Budget(options.requestsPerMinute ?? 60_000, { clock, random });
  const secret = (value: string | null, source: string) => (value === null ? null : new Secret(value, source));
  const apiKey = secret(options.apiKey === undefined ? API_KEY : options.apiKey, 'file /run/secrets/api-key');
  const environmentKey = secret(
    options.environmentKey === undefined ? ENVIRONMENT_KEY : options.environmentKey,
    'file /run/secrets/env-key',
  );
  const api = new HttpWorkApi({
    connection: {
      name: 'default',
      provider: 'anthropic',
      baseUrl,
      workspaceId: null,
      maxConcurrentRequests: 8,
      timeoutMs: 10_000,
      maxResponseBytes: 1_000_000,
      ca: null,
      ...options.connection,
    },
    credentials: {
      apiKey: () => secret(options.apiKeyNow?.() ?? null, 'file') ?? apiKey,
      environmentKey: () => environmentKey,
    },
    budget,
    observer,
    drift: new Drift((kind) => observer.unknown.push(kind)),
    clock,
    random,
    env,
    version: '1.2.3',
  });
  return { api, budget, observer };
}

/** The `ApiError` that a call fails with; fails when it does not. */
export async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ApiError) return error;
  throw error;
}

import type { EpochMs } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import type { ApiOperation } from '../domain/environment.ts';
import type { CredentialKind, FailureReason } from '../domain/failure.ts';

/** One request that was handed to the network, whatever its outcome. */
export interface SentRequest {
  readonly connection: string;
  /** Null for the list of environments. */
  readonly environmentId: string | null;
  readonly operation: ApiOperation;
  readonly credential: CredentialKind;
}

/** One request on the wire, reported as it happens: the source of every `api_*` metric. */
export interface RequestEvent extends SentRequest {
  readonly durationSeconds: number;
  /** Null when the request succeeded. */
  readonly reason: FailureReason | null;
  readonly httpStatus: number | null;
}

/** What an answer says about the key of its request. */
export interface JudgedCredential extends SentRequest {
  readonly secret: Secret;
  /** False: refused with 401 or 403. */
  readonly accepted: boolean;
}

/**
 * An observation of the API's clock: docs/design/clock-skew.md#one-sample. Only sent for answers that the client
 * considers good enough.
 */
export interface ClockSample {
  readonly connection: string;
  /** The `Date` header, whole seconds. */
  readonly date: EpochMs;
  /** The own wall time, by the monotonic clock, when the request was sent and when its headers arrived. */
  readonly sentAt: EpochMs;
  readonly headersAt: EpochMs;
  readonly requestId: string | null;
}

/** Told about each request that was sent, when it ends: by one method or the other. Must not throw. */
export interface ClientObserver {
  requestEnded(event: RequestEvent): void;
  /** The caller called it off after it was sent: it counts as a request, and says nothing about the API. */
  requestCalledOff(request: SentRequest): void;
  clockSampled(sample: ClockSample): void;
  credentialJudged(event: JudgedCredential): void;
  /** The API said something that this version does not know. */
  unknownValue(kind: 'state' | 'work_type' | 'field'): void;
}

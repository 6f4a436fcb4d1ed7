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

/** The `Date` of a good answer that no cache sent. */
export interface ClockSample {
  readonly connection: string;
  /** Whole seconds. */
  readonly date: EpochMs;
  /** Monotonic: when the request was sent, and when the headers of the answer arrived. */
  readonly sentAt: number;
  readonly headersAt: number;
}

/** What an answer says about the key of its request. */
export interface JudgedCredential extends SentRequest {
  readonly secret: Secret;
  /** False: refused with 401 or 403. Null: answered with neither, which says only that an older key's verdict is over. */
  readonly accepted: boolean | null;
  /** Whether there is nothing of the kind that was asked for: an API looks for it only once it has taken the key. */
  readonly isNotFound: boolean;
  /** The key is the one that this read is meant to use: while it is accepted, no other one is needed for it. */
  readonly isFirst: boolean;
}

/** Told about each request that was sent when it ends, by exactly one of the first two methods. Must not throw. */
export interface ClientObserver {
  requestEnded(event: RequestEvent): void;
  /** The caller cancelled it after it was sent: it counts as a request, but its outcome says nothing about the API. */
  requestCalledOff(request: SentRequest): void;
  clockSampled(sample: ClockSample): void;
  credentialJudged(event: JudgedCredential): void;
  /** The API said something that this version does not know. */
  unknownValue(kind: 'state' | 'work_type' | 'field'): void;
}

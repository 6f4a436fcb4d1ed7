import { PRESETS, type ProviderName } from '../../wire/presets.ts';
import type { Switches } from './switches.ts';

const RECORDED: Switches = {
  listOrder: 'newest',
  maxPageSize: 1000,
  maxEnvironmentsPageSize: 1000,
  overLimit: 'refuse',
  paging: 'cursor',
  omitNextPage: false,
  leaseTtlSeconds: 300,
  stoppingTtlSeconds: 120,
  actor: true,
  secretKey: 'present',
  issueSecret: true,
  startingLapses: true,
  fractionDigits: 6,
  retentionSeconds: null,
  startedAt: 'enqueue',
  idForm: 'session',
  sessionPrefix: 'sesn',
  rotateIds: false,
  listCredential: 'strict',
  sessionCredential: 'either',
  apiKeyAsBearer: true,
  wrongKeyWords: 'recorded',
  apiKeyRefusal: 401,
  repeatedAck: 'conflict',
  beatOnQueued: 'claims',
  expectedHeartbeatRequired: false,
  preconditionType: 'invalid_request_error',
  requeueStamps: 'cleared',
  finalizeStoppingSeconds: null,
  stopStatus: 200,
  workersPollingNull: false,
  cloudWork: 'recorded',
  requireBeta: true,
};

/** What a preset changes beyond the table that client and simulator share. */
const DIFFERENCES: Readonly<Record<ProviderName, Partial<Switches>>> = {
  anthropic: {},
  aws: {},
  google: {},
  qoder: {
    listOrder: 'oldest',
    overLimit: 'cap',
    cloudWork: 'refused',
    leaseTtlSeconds: 600,
    actor: false,
    secretKey: 'missing',
    issueSecret: false,
    fractionDigits: 0,
    idForm: 'work',
    sessionPrefix: 'sess',
    repeatedAck: 'item',
    beatOnQueued: 'conflict',
    preconditionType: 'precondition_failed_error',
  },
  opensdlc: {
    maxEnvironmentsPageSize: 100,
    apiKeyAsBearer: false,
    wrongKeyWords: 'opensdlc',
    leaseTtlSeconds: 30,
    stoppingTtlSeconds: 30,
    actor: false,
    idForm: 'work',
    repeatedAck: 'item',
    expectedHeartbeatRequired: true,
    finalizeStoppingSeconds: 60,
  },
};

/** The switches of a preset, with some of them changed. */
export function switchesFor(provider: ProviderName, changes: Partial<Switches> = {}): Switches {
  const preset = PRESETS[provider];
  return {
    ...RECORDED,
    maxPageSize: preset.maxPageSize,
    paging: preset.paging,
    rotateIds: preset.idsRotate,
    startedAt: preset.startedAtIsEnqueueStamp ? 'enqueue' : 'first-heartbeat',
    requireBeta: preset.versionHeaders,
    ...DIFFERENCES[provider],
    ...changes,
  };
}

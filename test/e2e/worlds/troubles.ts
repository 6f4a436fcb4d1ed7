import { QUEUE_TROUBLES } from './queue-troubles.ts';
import type { Trouble } from './trouble.ts';
import { WORKER_TROUBLES } from './worker-troubles.ts';

/** What goes wrong in an environment; everything else about a world is left to chance. */
export const WORK_TROUBLES: Readonly<Record<string, Trouble>> = { ...WORKER_TROUBLES, ...QUEUE_TROUBLES };

/** What goes wrong between the environments and who watches them. */
export const SIGHT_TROUBLES: Readonly<Record<string, Trouble>> = {
  'the API is down': {
    faults: [{ kind: 'status', status: 503 }],
    page: ['EnvironmentNotVisible', 'ApiUnreachable'],
    hides: 'all',
  },
  'the API closes connections': {
    faults: [{ kind: 'reset' }],
    page: ['EnvironmentNotVisible', 'ApiUnreachable'],
    hides: 'all',
  },
  'keys are revoked': {
    faults: [{ kind: 'revoked' }],
    page: ['ApiAuthFailing', 'CredentialRejected'],
    hides: 'all',
  },
  'requests are limited': {
    faults: [{ kind: 'status', status: 429, retryAfterSeconds: 20 }],
    page: ['ApiRateLimited'],
    hides: 'all',
  },
  'the list fails': {
    faults: [{ kind: 'status', status: 503, endpoints: ['list'] }],
    page: null,
    mayTicket: ['ItemsNotVisible'],
    hides: 'list',
  },
  'the list is refused': {
    faults: [{ kind: 'revoked', endpoints: ['list'] }],
    page: null,
    // The key of the list is that of the workers: if nobody polls, that is why.
    mayPage: ['ApiAuthFailing'],
    mayTicket: ['CredentialRejected'],
    hides: 'list',
  },
  'ages are withheld': { faults: [{ kind: 'no_oldest' }], page: null, mayTicket: ['CoverageReduced'] },
  'every third request fails': {
    faults: [{ kind: 'status', status: 500, probability: 0.33 }],
    page: null,
  },
  'answers take four seconds': { faults: [{ kind: 'latency', seconds: 4 }], page: null },
  // Nobody can tell them from those of now.
  'every second answer is a minute old': {
    faults: [{ kind: 'outdated', seconds: 60, probability: 0.5, endpoints: ['stats', 'list'] }],
    page: null,
  },
  'every second answer comes from a cache': {
    faults: [{ kind: 'cached', ageSeconds: 40, probability: 0.5 }],
    page: null,
  },
  // Nothing that it says is of now.
  'answers come from a cache': {
    faults: [{ kind: 'cached', ageSeconds: 40 }],
    page: ['EnvironmentNotVisible', 'ApiUnreachable'],
    isFineIfSeldom: true,
    hides: 'all',
  },
  'there is no exporter': { noExporter: true, page: ['ExporterAbsent'], hides: 'all' },
};

import { BEFORE_START, fails, type LiveScenario } from './live-scenario.ts';

/** Five reads of the stats, and two minutes at least, may fail before anybody is told. */
const UNREAD = 120;

/** The API, the way to it and its keys. */
export const API_SCENARIOS: readonly LiveScenario[] = [
  {
    cause: 'API down',
    exporter: 'two',
    environments: 3,
    steps: fails({ kind: 'status', status: 503, shouldRetry: true }, 10),
    tells: [{ alert: 'ApiUnreachable', severity: 'critical', evidence: UNREAD }],
  },
  {
    cause: 'API key revoked, three environments',
    exporter: 'two',
    environments: 3,
    keys: 'api-key',
    steps: fails({ kind: 'revoked' }, 10),
    tells: [{ alert: 'CredentialRejected', severity: 'critical', evidence: UNREAD }],
  },
  {
    cause: 'API key revoked, one environment',
    exporter: 'two',
    keys: 'api-key',
    steps: fails({ kind: 'revoked' }, 10),
    tells: [{ alert: 'ApiAuthFailing', severity: 'critical', evidence: UNREAD }],
  },
  {
    cause: 'environment key revoked, no other key',
    exporter: 'two',
    keys: 'environment-key',
    steps: fails({ kind: 'revoked' }, 10),
    tells: [{ alert: 'ApiAuthFailing', severity: 'critical', evidence: UNREAD }],
  },
  {
    cause: 'network cut',
    exporter: 'two',
    environments: 2,
    steps: fails({ kind: 'reset' }, 10),
    tells: [{ alert: 'ApiUnreachable', severity: 'critical', evidence: UNREAD }],
  },
  {
    cause: 'API takes requests and never answers',
    exporter: 'two',
    environments: 2,
    steps: fails({ kind: 'hang' }, 10),
    tells: [{ alert: 'ApiUnreachable', severity: 'critical', evidence: UNREAD }],
  },
  {
    cause: 'API fails for one of three environments',
    exporter: 'two',
    environments: 3,
    steps: fails({ kind: 'status', status: 500, environments: ['env_api_fails_for_one_of_three_environments'] }, 10),
    // Its rule looks for two minutes more.
    tells: [{ alert: 'EnvironmentNotVisible', severity: 'critical', evidence: UNREAD + 120 }],
  },
  {
    cause: 'a proxy answers with HTML',
    exporter: 'two',
    environments: 2,
    steps: fails({ kind: 'garbage' }, 10),
    tells: [{ alert: 'ApiUnreachable', severity: 'critical', evidence: UNREAD }],
  },
  {
    cause: 'list fails, statistics go on',
    exporter: 'two',
    steps: fails({ kind: 'status', status: 500, endpoints: ['list'] }, 22),
    tells: [{ alert: 'ItemsNotVisible', severity: 'warning', evidence: 330, seenBy: 'list', overWithin: 8 }],
  },
  {
    cause: 'lists rate-limited, statistics go on',
    exporter: 'replicas',
    environments: 3,
    steps: fails({ kind: 'status', status: 429, endpoints: ['list'], probability: 0.6 }, 17),
    // The rate is taken over ten minutes.
    tells: [{ alert: 'ApiRateLimited', severity: 'warning', evidence: 360, overWithin: 14 }],
  },
  {
    cause: 'discovery alone, and a revoked key from the start',
    exporter: 'key-alone',
    discovered: true,
    steps: [
      { minute: BEFORE_START, act: (world) => world.fail({ kind: 'revoked' }) },
      { minute: 12, act: (world) => world.fail() },
    ],
    // Its rule looks for four minutes more.
    tells: [{ alert: 'DiscoveryFailing', severity: 'critical', evidence: 60 + 240, seenBy: 'scrape' }],
  },
  {
    cause: 'environment deleted at the API, and still in the file',
    exporter: 'everywhere',
    steps: [
      { minute: 0, act: (world) => world.ask('DELETE', '?force=true') },
      { minute: 16, act: (world) => world.exporter.forget(world.environmentIds) },
    ],
    tells: [{ alert: 'EnvironmentMisconfigured', severity: 'warning', evidence: 60, overWithin: 8 }],
  },
  {
    cause: 'environment archived with work left',
    exporter: 'behind',
    steps: [
      { minute: 0, act: (world) => world.play('no-workers') },
      // A minute before NoWorkers would be told, even on a busy machine.
      { minute: 0.5, act: (world) => world.ask('POST', '/archive') },
      { minute: 18, act: (world) => world.stopItems() },
    ],
    tells: [{ alert: 'EnvironmentArchived', severity: 'warning', evidence: 130 }],
  },
];

/** What looks like an outage and is none. */
export const BENIGN_API_SCENARIOS: readonly LiveScenario[] = [
  {
    cause: 'API down for 80 seconds',
    exporter: 'two',
    environments: 3,
    steps: fails({ kind: 'status', status: 503, shouldRetry: true }, 1.35),
    tells: [],
  },
];

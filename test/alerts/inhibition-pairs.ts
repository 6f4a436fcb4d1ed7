/** The labels that tell alerts of one name and severity apart; all have the job, and a cluster where there are several. */
export const TOLD_APART_BY: Readonly<Record<string, readonly string[]>> = {
  'ExporterAbsent critical': [],
  'ExporterShardMissing critical': [],
  'ExporterInstanceDown warning': ['instance'],
  'ExporterRestarting warning': ['instance'],
  'ReplicaBlind warning': ['instance'],
  'ExporterConfigReloadFailed warning': ['instance'],
  'ConfigDisagrees warning': [],
  'ApiUnreachable critical': ['connection'],
  'ApiRateLimited critical': ['connection'],
  'ApiRateLimited warning': ['connection'],
  'CredentialRejected critical': ['connection'],
  'CredentialRejected warning': ['connection', 'credential'],
  'CredentialExpiring warning': ['connection', 'credential'],
  'DiscoveryFailing critical': ['connection'],
  'DiscoveryFailing warning': ['connection'],
  'ApiAuthFailing critical': ['environment_id', 'connection'],
  'EnvironmentNotVisible critical': ['environment_id', 'connection'],
  'NoWorkersAnywhere critical': [],
  'LeasesLapsingAnywhere critical': [],
};
const ENVIRONMENT = ['environment_id'];

export interface Kind {
  /** Without `AnthropicWork`. */
  readonly name: string;
  readonly severity: string;
  readonly labels: readonly string[];
}

/** `NAME SEVERITY`; any other than those above is about an environment. */
export function kindOf(text: string): Kind {
  const [name = '', severity = ''] = text.split(' ');
  return { name, severity, labels: TOLD_APART_BY[text] ?? ENVIRONMENT };
}

const UNSEEN = ['ItemsNotVisible warning', 'ItemStuck warning', 'WorkersUnknown info', 'CoverageReduced warning'];
const QUEUE = [
  ...['OldestItemTooOld critical', 'OldestItemTooOld warning', 'Saturated critical', 'Saturated warning'],
  ...['WaitBudgetBurn critical', 'WaitBudgetBurn warning'],
];
const WORK = ['StaleHeartbeats critical', 'StaleHeartbeats warning', 'WorkersBelowMinimum warning'];

/**
 * What mutes what, and what both must share beside the job and the cluster: the connection, environment, instance or key
 * that both are about, if both are about one.
 */
const MUTES: readonly (readonly [sources: readonly string[], targets: readonly string[], shared: readonly string[]])[] =
  [
    [
      ['ExporterAbsent critical'],
      ['ExporterInstanceDown warning', 'ExporterRestarting warning', 'ReplicaBlind warning'],
      [],
    ],
    [['ExporterShardMissing critical'], ['ExporterInstanceDown warning'], []],
    [['ExporterRestarting warning'], ['ExporterInstanceDown warning'], ['instance']],
    [['ExporterConfigReloadFailed warning'], ['ConfigDisagrees warning'], []],
    [['NoWorkersAnywhere critical'], ['NoWorkers critical', 'NoWorkers warning'], []],
    [['LeasesLapsingAnywhere critical'], ['LeasesLapsing critical', 'LeasesLapsing warning'], []],
    [
      ['CredentialRejected critical', 'ApiUnreachable critical', 'DiscoveryFailing critical'],
      ['CredentialRejected warning', 'DiscoveryFailing warning'],
      ['connection'],
    ],
    [['ApiRateLimited critical'], ['ApiRateLimited warning'], ['connection']],
    [['CredentialRejected warning'], ['CredentialExpiring warning'], ['connection', 'credential']],
    [['EnvironmentNotVisible critical', 'ApiAuthFailing critical'], UNSEEN, ENVIRONMENT],
    [
      ['NoWorkers critical'],
      [
        ...[...QUEUE, ...WORK, 'PendingStuck warning', 'HeadOfLineBlocked warning', 'ItemStuck warning'],
        ...['LeasesLapsing critical', 'LeasesLapsing warning', 'CoverageReduced warning'],
      ],
      ENVIRONMENT,
    ],
    [['LeasesLapsing critical'], [...QUEUE, ...WORK], ENVIRONMENT],
    [['OldestItemTooOld critical'], QUEUE.slice(2), ENVIRONMENT],
    ...['NoWorkers', 'LeasesLapsing', 'OldestItemTooOld', 'Saturated', 'WaitBudgetBurn', 'StaleHeartbeats'].map(
      (name) => [[`${name} critical`], [`${name} warning`], ENVIRONMENT] as const,
    ),
  ];

export interface Pair {
  readonly source: Kind;
  readonly target: Kind;
  readonly shared: readonly string[];
}

export const PAIRS: readonly Pair[] = MUTES.flatMap(([sources, targets, shared]) =>
  sources.flatMap((source) =>
    targets.map((target) => ({
      source: kindOf(source),
      target: kindOf(target),
      shared: ['job', 'cluster', ...shared],
    })),
  ),
);

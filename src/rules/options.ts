export const RULE_SETS = ['full', 'starter'] as const;
export type RuleSet = (typeof RULE_SETS)[number];

/** What differs between installations; everything else in the rules is static. */
export interface RuleOptions {
  /** The scrape job of the exporter: the value of the target label `job`. */
  readonly job: string;
  /** Where the runbook pages are served; `/NAME.md` is appended. Null leaves the link out. */
  readonly runbookBaseUrl: string | null;
  /** The address of Grafana; `/d/UID` is appended. Null leaves the link out. */
  readonly dashboardBaseUrl: string | null;
  /** Which alerts: all, or the few to begin with. */
  readonly set: RuleSet;
  /**
   * Multiplies every duration in the rules. 1 in what is shipped; rehearsals against a real Prometheus use a small one and
   * an exporter whose clock runs faster by the same factor, so that a page that takes minutes arrives in seconds. Numbers of
   * seconds stay, because they are compared with what the exporter says.
   */
  readonly timeScale: number;
}

export const DEFAULT_RULE_OPTIONS: RuleOptions = {
  job: 'anthropic-work-exporter',
  runbookBaseUrl: null,
  dashboardBaseUrl: null,
  set: 'full',
  timeScale: 1,
};

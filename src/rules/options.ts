/** What differs between installations; everything else in the rules is static. */
export interface RuleOptions {
  /** The scrape job of the exporter: the value of the target label `job`. */
  readonly job: string;
  /** Where the runbook pages are served; `/NAME.md` is appended. */
  readonly runbookBaseUrl: string;
  /** The address of Grafana; `/d/UID` is appended. */
  readonly dashboardBaseUrl: string;
  /**
   * Multiplies every duration and every number of seconds in the rules. 1 in what is shipped; rehearsals against a real
   * Prometheus use a small one, so that a page that takes minutes arrives in seconds from the same rules.
   */
  readonly timeScale: number;
}

export const DEFAULT_RULE_OPTIONS: RuleOptions = {
  job: 'anthropic-work-exporter',
  runbookBaseUrl: 'https://github.com/anthropic-work-exporter/anthropic-work-exporter/blob/main/alerts/runbooks',
  dashboardBaseUrl: 'https://grafana.example.com',
  timeScale: 1,
};

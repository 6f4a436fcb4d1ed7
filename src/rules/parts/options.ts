export const RULE_SETS = ['all', 'starter'] as const;
export type RuleSet = (typeof RULE_SETS)[number];

/** What differs between installations; everything else in the rules is static. */
export interface RuleOptions {
  /** The exporter's scrape job: the value of the target label `job`. */
  readonly job: string;
  /**
   * Where the runbooks are served; `/NAME.md` is appended, and `?environment=ID` if the alert is about one. Null omits
   * the link.
   */
  readonly runbookBaseUrl: string | null;
  /** The address of Grafana; `/d/UID` is appended. Null omits the link. */
  readonly dashboardBaseUrl: string | null;
  /** Which alerts: all, or the starter set. */
  readonly set: RuleSet;
  /**
   * Multiplies every duration in the rules. Shipped rules use 1. Rehearsals against a real Prometheus use a small
   * number and an exporter whose clock runs faster by the same factor, so that a page that takes minutes arrives in
   * seconds. Numbers of seconds are not scaled, because they are compared with the exporter's values.
   */
  readonly timeScale: number;
}

export const DEFAULT_RULE_OPTIONS: RuleOptions = {
  job: 'anthropic-work-exporter',
  runbookBaseUrl: null,
  dashboardBaseUrl: null,
  set: 'all',
  timeScale: 1,
};

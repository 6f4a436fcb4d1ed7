/**
 * Situations of alerts that no live scenario of `test/e2e/alerting` brings about, since they would take hours or several processes there:
 * the exporter's own evaluator always plays these, against the expectations that promtool meets.
 */
export const NOT_LIVE = {
  CoverageReduced: 'more environments than may be watched',
  ExporterShardMissing: 'one of three shards dies',
  CredentialExpiring: 'a key expires in ten days',
  LeasesLapsingAnywhere:
    'a release with which every run of eight environments lapses: one page, which ends when it is taken back',
  WaitBudgetBurn: 'hourly bursts are one ticket',
  CredentialRejected: 'an API key that is refused every second time',
} as const;

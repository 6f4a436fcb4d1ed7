// The rules and boards of anthropic-work-exporter as a monitoring mixin:
//   (import 'mixin.libsonnet') + { _config+:: { job: 'work', runbookBaseUrl: 'https://wiki/runbooks' } }
local rules = importstr '../helm/anthropic-work-exporter/files/rules.json';
local runbookLink = importstr '../helm/anthropic-work-exporter/files/runbook-link.json';
local boards = {
  'anthropic-work-overview.json': importstr '../../grafana/anthropic-work-overview.json',
  'anthropic-work-environment.json': importstr '../../grafana/anthropic-work-environment.json',
  'anthropic-work-slo.json': importstr '../../grafana/anthropic-work-slo.json',
  'anthropic-work-exporter.json': importstr '../../grafana/anthropic-work-exporter.json',
};

// An address goes to its mark, or takes the link with it where there is none.
local linked(annotations, name, mark, address) =
  if address == null then { [key]: annotations[key] for key in std.objectFields(annotations) if key != name }
  else annotations + { [if name in annotations then name]: std.strReplace(annotations[name], mark, address) };

{
  _config+:: {
    // The scrape job of the exporter.
    job: 'anthropic-work-exporter',
    // Where the runbooks are served, and the address of Grafana; null: no links.
    runbookBaseUrl: null,
    dashboardBaseUrl: null,
  },

  // Recording rules stand with the alerts that read them: a group is evaluated in order, and two groups side by side.
  prometheusAlerts+:: {
    groups+: [
      group {
        rules: [
          rule + (
            if 'alert' in rule then {
              annotations: linked(
                linked(rule.annotations, 'runbook_url', 'RUNBOOK_BASE_URL', $._config.runbookBaseUrl),
                'dashboard_url',
                'DASHBOARD_BASE_URL',
                $._config.dashboardBaseUrl
              ),
            } else {}
          )
          for rule in group.rules
        ],
      }
      for group in std.parseJson(std.strReplace(rules, 'SCRAPE_JOB', $._config.job)).groups
    ],
  },
  prometheusRules+:: { groups+: [] },

  grafanaDashboards+:: {
    [name]: std.parseJson(std.strReplace(
      boards[name],
      '{"id":"links","value":[]}',
      if $._config.runbookBaseUrl == null then '{"id":"links","value":[]}'
      else '{"id":"links","value":[%s]}' % std.strReplace(runbookLink, 'RUNBOOK_BASE_URL', $._config.runbookBaseUrl)
    ))
    for name in std.objectFields(boards)
  },
}

import type { AlertName } from '../rules/alert-names.ts';

/** Alerts that no exporter can have a condition for, and why: they are about what only Prometheus sees. */
export const UNKNOWN_HERE = {
  AnthropicWorkExporterAbsent: 'An exporter that is gone shows nothing.',
  AnthropicWorkExporterInstanceDown: 'Whether Prometheus reaches an instance is known to Prometheus alone.',
  AnthropicWorkExporterRestarting: 'A process does not know of those before it.',
  AnthropicWorkReplicaBlind: 'What another replica reads is not known here.',
  AnthropicWorkConfigDisagrees: 'Which configuration another replica runs is not known here.',
  AnthropicWorkWatchdog: 'It always fires, and proves Prometheus and Alertmanager alone.',
} as const satisfies Partial<Record<AlertName, string>>;

export function isKnownHere(alert: AlertName): boolean {
  return !(alert in UNKNOWN_HERE);
}

import { CONDITION_NAMES, CONDITIONS, subjectOf } from '../../src/diagnosis/conditions.ts';
import { SEVERITIES } from '../../src/domain/environment.ts';

/** What the rules read of an exporter of so many environments, with no workers in one of a hundred. */
export function fleetExposition(environments: number, at: number): string {
  const stamp = ` ${at * 1000}\n`;
  const lines = [
    `anthropic_work_exporter_time_seconds ${at}`,
    'anthropic_work_exporter_shards 1',
    'anthropic_work_exporter_shard_info{shard="0/1"} 1',
    'anthropic_work_exporter_config_hash 1234567',
    'anthropic_work_exporter_config_last_reload_successful 1',
    'anthropic_work_state_file_ok 1',
    ...kinds('connection').map((kind) => `anthropic_work_connection_condition{connection="default",${kind}} 0`),
  ];
  const ofEnvironments = kinds('environment');
  for (let index = 0; index < environments; index++) {
    const labels = `environment_id="env_0123456789abcdef${index}",environment_name="name-${index}"`;
    for (const kind of ofEnvironments) {
      const holds = index % 100 === 0 && kind.includes('no_workers');
      lines.push(`anthropic_work_condition{${labels},${kind}} ${Number(holds)}`);
      if (holds) lines.push(`anthropic_work_condition_recent{${labels},${kind}} 1`);
    }
    lines.push(
      `anthropic_work_up{${labels},operation="stats"} 1`,
      `anthropic_work_queue_oldest_age_seconds{${labels}} ${index % 100 === 1 ? 400 : 20}`,
      `anthropic_work_slo_queue_wait_target_seconds{${labels}} 300`,
      `anthropic_work_slo_objective_ratio{${labels}} 0.99`,
    );
  }
  return lines.map((line) => line + stamp).join('');
}

function kinds(subject: 'environment' | 'connection'): readonly string[] {
  return CONDITION_NAMES.filter((name) => subjectOf(name) === subject).flatMap((name) =>
    SEVERITIES.filter((severity) => severity in CONDITIONS[name].severities).map(
      (severity) => `condition="${name}",severity="${severity}"`,
    ),
  );
}

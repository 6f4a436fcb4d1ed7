import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { EpochMs } from '../../../../src/base/clock.ts';
import { seededRandom } from '../../../../src/base/random.ts';
import { alertOf } from '../../../../src/diagnosis/conditions.ts';
import type { Condition } from '../../../../src/diagnosis/report.ts';
import { withTarget } from '../../../support/stored-samples.ts';
import { QueueModel } from './queue-model.ts';
import { Replica } from './replica.ts';
import { actFor, END, fleet } from './timetable.ts';

export const JOB = 'anthropic-work-exporter';
const MODEL_STEP_SECONDS = 5;
const MINUTE = 60_000;

export interface HistoryOptions {
  readonly environments?: number;
  readonly minutes?: number;
  readonly replicas?: number;
  readonly scrapeSeconds?: number;
  /** How long a backfilled series lives on after its last sample; longer than a scrape interval. */
  readonly lookbackSeconds?: number;
}

/** Writes the scripted history as OpenMetrics text with timestamps, for `promtool tsdb create-blocks-from openmetrics`. */
export async function writeHistory(file: string, options: HistoryOptions = {}): Promise<void> {
  const { environments, minutes = 180, replicas = 2, scrapeSeconds = 30 } = options;
  const start = END - minutes * MINUTE;
  const random = seededRandom(7);
  const watched = fleet(environments).map((member) => ({ member, model: new QueueModel(member, random) }));
  const processes = Array.from({ length: replicas }, (_, index) => {
    return new Replica(
      { instance: `exporter-${index}:9877`, readLagMs: index === 0 ? 4000 : 11_000, startedAt: start - 60 * MINUTE },
      watched,
    );
  });
  const out = createWriteStream(file);
  for (let now = start; now <= END; now += scrapeSeconds * 1000) {
    for (let at = now - scrapeSeconds * 1000 + MODEL_STEP_SECONDS * 1000; at <= now; at += MODEL_STEP_SECONDS * 1000)
      for (const { member, model } of watched) model.advance(at, MODEL_STEP_SECONDS, actFor(member, at));
    const lines: string[] = [];
    for (const process of processes) {
      if (now === END - 110 * MINUTE) process.reload(now - 8000, 3_377_699_720_527_871);
      process.poll(now, (member) => actFor(member, now));
      lines.push(
        ...withTarget(await process.write(), { job: JOB, instance: process.options.instance }),
        ...foreign(process, now, start),
      );
    }
    lines.push(...strangers(now), ...alerts(processes[0]!.conditions));
    if (!out.write(`${lines.map((line) => `${line} ${now / 1000}\n`).join('')}`)) await once(out, 'drain');
  }
  out.end('# EOF\n');
  await once(out, 'finish');
}

/** What Prometheus and prom-client add. The second process was restarted in the middle of the recovery. */
function foreign({ options }: Replica, now: EpochMs, start: EpochMs): string[] {
  const labels = `{job="${JOB}",instance="${options.instance}"}`;
  const restarted = options.instance.startsWith('exporter-1') && now >= END - 75 * MINUTE;
  const startedAt = restarted ? END - 75 * MINUTE : options.startedAt;
  const age = (now - start) / 1000;
  return [
    `up${labels} 1`,
    `process_start_time_seconds${labels} ${startedAt / 1000}`,
    `process_cpu_seconds_total${labels} ${(0.02 * (restarted ? (now - startedAt) / 1000 : age)).toFixed(3)}`,
    `process_resident_memory_bytes${labels} ${92_000_000 + 4_000_000 * Math.sin(age / 900)}`,
    `nodejs_heap_size_used_bytes${labels} 31000000`,
    `nodejs_eventloop_lag_p99_seconds${labels} ${0.011 + 0.002 * Math.sin(age / 300)}`,
  ];
}

/** Another job in the same Prometheus: no panel may show it. */
function strangers(now: EpochMs): string[] {
  const labels = '{job="node",instance="node-1:9100"}';
  return [
    `up${labels} 0`,
    `process_start_time_seconds${labels} ${(now - MINUTE) / 1000}`,
    `nodejs_eventloop_lag_p99_seconds${labels} 1`,
  ];
}

/** `ALERTS` and `ALERTS_FOR_STATE` as the rules make them of what holds. That the rules are right is proved with them. */
function alerts(conditions: readonly Condition[]): string[] {
  const lines = conditions.flatMap(({ name, severity, subject, holdsFrom }) => {
    const whose =
      subject.kind === 'connection'
        ? `connection="${subject.name}"`
        : `environment_id="${subject.id}",environment_name="${subject.name}"`;
    const labels = `alertname="${alertOf(name)}",${whose},job="${JOB}",severity="${severity}"`;
    return [`ALERTS{${labels},alertstate="firing"} 1`, `ALERTS_FOR_STATE{${labels}} ${holdsFrom! / 1000}`];
  });
  return [...lines, 'ALERTS{alertname="AnthropicWorkWatchdog",alertstate="firing",severity="none"} 1'];
}

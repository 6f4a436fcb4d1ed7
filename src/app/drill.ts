import type { Clock } from '../base/clock.ts';
import { CONDITIONS, type ConditionName } from '../diagnosis/conditions.ts';
import type { Condition, DiagnosisReport } from '../diagnosis/report.ts';
import type { DrillInfo } from '../server/server-deps.ts';

/** After its end a drill is still shown, as clear: Prometheus needs to see that, or its alert would go on. */
const SHOWN_AFTER_END_MS = 15 * 60_000;

/** An environment that does not exist, with one condition that holds, so that a team sees its own alert arrive. */
export class Drill {
  readonly #clock: Clock;
  /** By environment, with when each ends or has ended on the monotonic clock. */
  readonly #drills = new Map<string, { readonly info: DrillInfo; readonly ends: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The one that runs. */
  get info(): DrillInfo | null {
    const now = this.#clock.monotonic();
    return [...this.#drills.values()].find(({ ends }) => ends > now)?.info ?? null;
  }

  /** One at a time, so that its alert is unambiguous: null while another runs. */
  start(condition: ConditionName, minutes: number): DrillInfo | null {
    if (this.info !== null) return null;
    const [startedAt, lastsMs] = [this.#clock.now(), minutes * 60_000];
    const info: DrillInfo = {
      condition,
      severity: 'critical' in CONDITIONS[condition].severities ? 'critical' : 'warning',
      environment_id: `env_drill_${condition}`,
      environment_name: `DRILL ${condition}`,
      started_at: new Date(startedAt).toISOString(),
      ends_at: new Date(startedAt + lastsMs).toISOString(),
    };
    this.#drills.set(info.environment_id, { info, ends: this.#clock.monotonic() + lastsMs });
    return info;
  }

  /** False when none runs. */
  end(): boolean {
    const { info } = this;
    if (info !== null) this.#drills.set(info.environment_id, { info, ends: this.#clock.monotonic() });
    return info !== null;
  }

  /** What was found, and the drill beside it as if it were real. */
  addTo(report: DiagnosisReport): DiagnosisReport {
    const now = this.#clock.monotonic();
    const shown = [...this.#drills].filter(([, { ends }]) => now < ends + SHOWN_AFTER_END_MS);
    if (shown.length === 0) return report;
    const drills = shown.map(([id, { info, ends }]) => [id, [conditionOf(info, ends > now)]] as const);
    return { ...report, environments: new Map([...report.environments, ...drills]) };
  }
}

function conditionOf(info: DrillInfo, holds: boolean): Condition {
  const {
    condition: name,
    severity,
    environment_id: id,
    environment_name: environmentName,
    started_at: startedAt,
  } = info;
  const since = holds ? Date.parse(startedAt) : null;
  return {
    name,
    severity,
    subject: { kind: 'environment', id, name: environmentName, connection: 'drill' },
    phase: holds ? 'holds' : 'clear',
    value: holds ? 1 : 0,
    isRecent: true,
    since,
    holdsFrom: since,
    evidence: holds ? 'a drill: nothing is wrong' : '',
    explainedBy: null,
    environments: [id],
  };
}

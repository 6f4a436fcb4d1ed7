import type { CancelTimer, Clock, EpochMs } from '../base/clock.ts';
import { CONDITIONS, type ConditionName } from '../diagnosis/conditions.ts';
import type { Condition, DiagnosisReport } from '../diagnosis/report.ts';
import type { DrillInfo } from '../server/server-deps.ts';

/** After its end a drill is still shown, as clear: Prometheus needs to see that, or its alert would go on. */
const SHOWN_AFTER_END_MS = 15 * 60_000;

/** An environment that does not exist, with one condition that holds, so that a team sees its own alert arrive. */
export class Drill {
  readonly #clock: Clock;
  #running: DrillInfo | null = null;
  #cancelEnd: CancelTimer = () => {};
  /** By environment, until when each is shown as clear. */
  readonly #ended = new Map<string, { readonly info: DrillInfo; readonly until: EpochMs }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get info(): DrillInfo | null {
    return this.#running;
  }

  /** One at a time, so that its alert is unambiguous: null while another runs. */
  start(condition: ConditionName, minutes: number): DrillInfo | null {
    if (this.#running !== null) return null;
    const startedAt = this.#clock.now();
    this.#running = {
      condition,
      severity: 'critical' in CONDITIONS[condition].severities ? 'critical' : 'warning',
      environmentId: `env_drill_${condition}`,
      environmentName: `DRILL ${condition}`,
      startedAt,
      endsAt: startedAt + minutes * 60_000,
    };
    this.#cancelEnd = this.#clock.setTimer(minutes * 60_000, () => void this.end());
    return this.#running;
  }

  /** False when none runs. */
  end(): boolean {
    this.#cancelEnd();
    const info = this.#running;
    if (info === null) return false;
    this.#running = null;
    this.#ended.set(info.environmentId, { info, until: this.#clock.now() + SHOWN_AFTER_END_MS });
    return true;
  }

  /** What was found, and the drill beside it as if it were real. */
  addTo(report: DiagnosisReport): DiagnosisReport {
    if (this.#running === null && this.#ended.size === 0) return report;
    const now = this.#clock.now();
    const environments = new Map(report.environments);
    for (const [id, { info, until }] of this.#ended) if (until > now) environments.set(id, [conditionOf(info, false)]);
    if (this.#running !== null) environments.set(this.#running.environmentId, [conditionOf(this.#running, true)]);
    return { ...report, environments };
  }
}

function conditionOf(info: DrillInfo, holds: boolean): Condition {
  const { condition: name, severity, environmentId: id, environmentName, startedAt } = info;
  return {
    name,
    severity,
    subject: { kind: 'environment', id, name: environmentName, connection: 'drill' },
    phase: holds ? 'holds' : 'clear',
    value: holds ? 1 : 0,
    isRecent: true,
    since: holds ? startedAt : null,
    holdsFrom: holds ? startedAt : null,
    evidence: holds ? 'a drill: nothing is wrong' : '',
    explainedBy: null,
    environments: [id],
  };
}

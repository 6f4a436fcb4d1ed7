import type { CancelTimer, Clock } from '../base/clock.ts';
import { ExporterError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import type { Config } from '../config/config.ts';
import type { DrillInfo } from '../server/http/server-deps.ts';
import type { Simulator } from '../simulator/start-simulator.ts';
import { drillMember } from './drill-member.ts';

/** A drill is already running. There is only one at a time, so that its alert is unambiguous. */
class DrillRunningError extends ExporterError {
  constructor(scenario: string) {
    super('drill_running', `A drill runs already: ${scenario}.`, { remedy: 'End it first: DELETE /-/drill.' });
  }
}

/** A drill that began now would keep the process from ending. */
class StoppingError extends ExporterError {
  constructor() {
    super('stopping', 'The exporter is stopping.', { remedy: 'Begin the drill when it runs again.' });
  }
}

export interface DrillDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Called when the drill has begun or ended, to watch its environment or to forget it. */
  changed(): Promise<void>;
}

interface Running {
  readonly info: DrillInfo;
  readonly simulator: Simulator;
  readonly cancelEnd: CancelTimer;
}

/** A simulated environment inside this process, so that a team sees its own alert arrive. */
export class Drill {
  readonly #deps: DrillDeps;
  /** A drill takes a moment to begin and to end: whatever is asked meanwhile waits, so that there never are two. */
  readonly #queue = new SerialQueue();
  #running: Running | null = null;
  #isStopped = false;

  constructor(deps: DrillDeps) {
    this.#deps = deps;
  }

  get info(): DrillInfo | null {
    return this.#running?.info ?? null;
  }

  /** @throws DrillRunningError; StoppingError after `stop`; what the simulator throws for an unknown scenario */
  start(scenario: string, minutes: number): Promise<DrillInfo> {
    return this.#queue.run(() => this.#start(scenario, minutes));
  }

  /** Ends the drill; false when there was none. */
  end(): Promise<boolean> {
    return this.#queue.run(() => this.#end(this.#running));
  }

  /** Ends the drill; none begins any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.end();
  }

  async #start(scenario: string, minutes: number): Promise<DrillInfo> {
    if (this.#isStopped) throw new StoppingError();
    if (this.#running !== null) throw new DrillRunningError(this.#running.info.scenario);
    // Only a process that runs a drill loads the simulator.
    const { startSimulator } = await import('../simulator/start-simulator.ts');
    const { clock, random, logger } = this.#deps;
    const environmentId = `env_drill_${scenario}`;
    const environmentName = `DRILL ${scenario}`;
    const simulator = await startSimulator({
      clock,
      logger,
      scenario,
      seed: Math.floor(random() * 2 ** 31),
      environments: [{ id: environmentId, name: environmentName }],
      host: '127.0.0.1',
      port: 0,
    });
    // The scenarios speak of the simulator's environment prod. Whoever rehearses has one that is real.
    const named = (text: string) => text.replaceAll(/\bprod\b/g, environmentName);
    const story = simulator.scenario.alone ?? simulator.scenario;
    const happens = named(story.happens);
    const expect = named(story.expect);
    const startedAt = clock.now();
    const endsAt = startedAt + minutes * 60_000;
    const info = { scenario, environmentId, environmentName, happens, expect, startedAt, endsAt };
    const timesOut = () => void this.#queue.run(() => this.#end(running));
    const running: Running = { info, simulator, cancelEnd: clock.setTimer(endsAt - startedAt, timesOut) };
    this.#running = running;
    await this.#deps.changed();
    return info;
  }

  /** False for one that has ended already: its time may run out while somebody ends it and begins another. */
  async #end(running: Running | null): Promise<boolean> {
    if (running === null || running !== this.#running) return false;
    this.#running = null;
    running.cancelEnd();
    await this.#deps.changed();
    await running.simulator.stop();
    return true;
  }

  /** The configuration plus the drill's environment, with its own connection and budget and the user's thresholds. */
  addTo(config: Config): Config {
    if (this.#running === null) return config;
    const { connection, environment } = drillMember(this.#running, config);
    return {
      ...config,
      connections: [...config.connections, connection],
      environments: [...config.environments, environment],
    };
  }
}

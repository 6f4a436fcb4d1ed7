import { basename } from 'node:path';
import type { LiveScenario } from './live-scenario.ts';
import { LiveStage } from './live-stage.ts';
import { type Agreement, agreementOf, foundAgain } from './page-agreement.ts';
import { judge, type News, newsAbout, newsOf, type Verdict } from './verdict.ts';

/**
 * All scenarios on one stage, and once more those that failed, on a stage with nobody else on it: a machine that is too
 * busy for dozens of exporters delays scrapes and evaluations by minutes of the fast time. What is wrong fails again.
 */
export class LivePlay implements AsyncDisposable {
  readonly first = new LiveStage();
  readonly #programs: readonly string[];
  #second: LiveStage | null = null;

  /** @param programs - the versions of Prometheus */
  constructor(programs: readonly string[]) {
    this.#programs = programs;
  }

  async run(scenarios: readonly LiveScenario[]): Promise<void> {
    await this.#play(this.first, scenarios);
    const failed = this.#failed(scenarios);
    if (failed.length === 0) return;
    for (const fault of this.#programs.flatMap((_, chain) => this.pages(chain).faults))
      process.stdout.write(`page: ${fault}\n`);
    for (const { name, group } of this.#programs.flatMap((_, chain) => ownerlessOn(this.first, chain)))
      process.stdout.write(`played again: ${name} of ${group.job}, which belongs to no scenario\n`);
    for (const line of failed.flatMap((scenario) => this.#report(scenario))) process.stdout.write(`${line}\n`);
    await this.first[Symbol.asyncDispose]();
    this.#second = new LiveStage();
    await this.#play(this.#second, failed);
  }

  /** Where the scenario was played last. */
  stageOf(scenario: LiveScenario): LiveStage {
    return this.#second?.truths.has(scenario) ? this.#second : this.first;
  }

  /** One for each version of Prometheus. */
  verdicts(scenario: LiveScenario): readonly Verdict[] {
    return verdictsOn(this.stageOf(scenario), scenario);
  }

  /** What the last play of each job told that belongs to no scenario. */
  ownerless(chain: number): readonly News[] {
    const replayed = new Set([...(this.#second?.truths.keys() ?? [])].map(({ exporter }) => String(exporter)));
    const before = ownerlessOn(this.first, chain).filter(({ group: { job = '' } }) => !replayed.has(job));
    return [...before, ...(this.#second === null ? [] : ownerlessOn(this.#second, chain))];
  }

  /** Whether the pages of the last play of each exporter agree with its alerts, or err as they did in the first one. */
  pages(chain: number): Agreement {
    const first = pagesOn(this.first, chain);
    const second = this.#second === null ? new Map<string, Agreement>() : pagesOn(this.#second, chain);
    const last = new Map([...first, ...second]);
    const faultsOf = (name: string) => foundAgain(first.get(name)!.faults, last.get(name)!.faults);
    return {
      faults: [...last.keys()].flatMap((name) => faultsOf(name).map((fault) => `${name}: ${fault}`)),
      agreed: new Set([...last.values()].flatMap(({ agreed }) => [...agreed])),
      stalled: [...last.values()].some(({ stalled }) => stalled),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.first[Symbol.asyncDispose]();
    await this.#second?.[Symbol.asyncDispose]();
  }

  async #play(stage: LiveStage, scenarios: readonly LiveScenario[]): Promise<void> {
    await stage.start(scenarios, this.#programs);
    await stage.play();
  }

  /** Those with a fault, and all of an exporter whose page says otherwise, or about which something was told that belongs to none. */
  #failed(scenarios: readonly LiveScenario[]): readonly LiveScenario[] {
    const strays = this.#programs.flatMap((_, chain) => ownerlessOn(this.first, chain));
    const pages = this.#programs.flatMap((_, chain) => [...pagesOn(this.first, chain)]);
    const wrong = pages.flatMap(([name, { faults }]) => (faults.length > 0 ? name : []));
    const jobs = new Set([...strays.map(({ group }) => group.job), ...wrong]);
    return scenarios.filter(
      (scenario) =>
        jobs.has(scenario.exporter) || verdictsOn(this.first, scenario).some(({ faults }) => faults.length > 0),
    );
  }

  #report(scenario: LiveScenario): readonly string[] {
    return verdictsOn(this.first, scenario).flatMap(({ faults }, chain) =>
      faults.map((fault) => `played again: ${scenario.cause} (${basename(this.#programs[chain]!)}): ${fault}`),
    );
  }
}

function verdictsOn(stage: LiveStage, scenario: LiveScenario): readonly Verdict[] {
  const paused = (from: number, to: number) => stage.pauses.between(from, to);
  return stage.chains.map(({ told }) => judge(scenario, stage.truths.get(scenario)!, told, paused));
}

function pagesOn(stage: LiveStage, chain: number): ReadonlyMap<string, Agreement> {
  return new Map([...stage.pages.looks].map(([name, looks]) => [name, agreementOf(looks, chain)]));
}

function ownerlessOn(stage: LiveStage, chain: number): readonly News[] {
  const { told } = stage.chains[chain]!;
  const own = [...stage.truths.keys()].flatMap((scenario) => newsAbout(scenario, told).begun);
  const isOwn = ({ name, at }: News) => own.some((one) => one.name === name && one.at === at);
  return newsOf(told).begun.filter((one) => !isOwn(one));
}

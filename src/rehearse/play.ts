import { seededRandom } from '../base/clock.ts';
import { firstProblems, outsideFiles, type Problem, quote, type Source } from '../config/problem.ts';
import type { Condition } from '../diagnosis/report.ts';
import { selects } from '../discovery/selection.ts';
import { phaseOf } from '../simulator/agenda.ts';
import { partOf, type Script } from '../simulator/scenarios.ts';
import { Simulation } from '../simulator/simulation.ts';
import { exporterConfiguration, FILES, hostOf, placed, type Tree } from './exporter-configuration.ts';
import { InMemoryRequests, RehearsedExporter, StillTime } from './rehearsed-exporter.ts';
import { happeningsOf } from './story.ts';
import { conditionsIn, Pager, Timeline, type TimelineEvent } from './timeline.ts';

export interface PlayOptions {
  /** For variables in a configuration. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A configuration to play under the scenario's own settings. */
  readonly base?: Source | null;
  /** Where the scenario is written. */
  readonly source?: Source | null;
}

export type Played =
  | { readonly ok: true; readonly events: readonly TimelineEvent[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const START = Date.UTC(2026, 0, 5, 12);
/** As often as an exporter looks. */
const LOOK_SECONDS = 15;
/** Scrapes, evaluations and looks follow one another. */
const SCRAPE_AT = 7;
const EVALUATE_AT = 9;
const LOOK_AT = 1;

/** Plays a scenario: simulators, real exporters and the shipped rules, on one clock that stands still. */
export async function play(script: Script, { env, base = null, source = null }: PlayOptions): Promise<Played> {
  const stage = new Stage(script, base?.tree ?? {}, env);
  const problems = (await stage.problems()).map((problem) => placed(problem, source, base));
  const unique = [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
  if (unique.length > 0) return { ok: false, problems: firstProblems(unique) };
  return { ok: true, events: await stage.play() };
}

class Stage {
  readonly #script: Script;
  readonly #time = new StillTime(START);
  readonly #simulations: ReadonlyMap<string, Simulation>;
  readonly #exporters: readonly RehearsedExporter[];
  readonly #instances: string[];
  readonly #pager = new Pager();
  readonly #timeline = new Timeline();
  readonly #random;

  constructor(script: Script, base: Tree, env: PlayOptions['env']) {
    const { connections, seed, file } = script;
    this.#script = script;
    this.#random = seededRandom(seed);
    this.#simulations = new Map(
      connections.map((connection, number) => [
        connection,
        new Simulation({ clock: this.#time.clock(), seed: seed * 31 + number, script: partOf(script, connection) }),
      ]),
    );
    const senders = new Map([...this.#simulations].map(([name, one]) => [hostOf(name), new InMemoryRequests(one)]));
    this.#exporters = Array.from({ length: file.exporter.replicas }, (_, number) => {
      const { tree, keyFiles } = exporterConfiguration(script, this.#simulations, { base, replica: number + 1 });
      const files = new Map([[FILES.config, JSON.stringify(tree)], ...keyFiles]);
      const sender = (host: string) => senders.get(host)!;
      return new RehearsedExporter({ time: this.#time, seed: seed + number, files, env, sender });
    });
    this.#instances = this.#exporters.map((_, number) => `exporter-${number + 1}`);
  }

  /** What is wrong with the configurations, and environments that none of them watches: nothing would be told of them, as if all were well. */
  async problems(): Promise<readonly Problem[]> {
    const loaded = await Promise.all(this.#exporters.map((one) => one.load()));
    const problems = loaded.flatMap((one) => (one.ok ? [] : one.problems));
    const { include, exclude } = (this.#script.file.exporter.config.discovery ?? {}) as Tree;
    if (problems.length > 0 || include !== undefined || exclude !== undefined) return problems;
    const configs = loaded.flatMap((one) => (one.ok ? [one.config] : []));
    return this.#script.environments.flatMap(({ id, name }) => {
      const found = { id, name, configType: 'self_hosted' } as const;
      const isWatched = configs.some(
        ({ environments, discovery }) =>
          environments.some(({ environment }) => environment.id === id) || selects(discovery)(found),
      );
      if (isWatched) return [];
      const option = selects({ ...configs[0]!.discovery, exclude: [] })(found) ? 'exclude' : 'include';
      const what = `does not watch ${quote(name)} of the scenario`;
      return [
        { ...outsideFiles(`discovery.${option}`), what, remedy: 'give the scenario environments that it watches' },
      ];
    });
  }

  async play(): Promise<readonly TimelineEvent[]> {
    const { endsAt, file } = this.#script;
    const { scrape_interval: scrapes, evaluation_interval: evaluations } = file.prometheus;
    const isWatched = (at: number) =>
      !file.troubles.some((one) => one.kind === 'prometheus_away' && phaseOf(one, at).isActive);
    const changes = this.#changes();
    const rounds = [
      { at: SCRAPE_AT, every: scrapes, run: (at: number) => isWatched(at) && this.#scrape(at) },
      { at: EVALUATE_AT, every: evaluations, run: (at: number) => isWatched(at) && this.#evaluate(at) },
      { at: LOOK_AT, every: LOOK_SECONDS, run: (at: number) => this.#look(at) },
    ];
    for (;;) {
      const now = Math.min(changes[0] ?? Infinity, ...rounds.map(({ at }) => at));
      if (now > endsAt) break;
      await this.#time.advanceTo(now * 1000);
      if (now === changes[0]) await this.#change(changes.shift()!);
      for (const round of rounds.filter(({ at }) => at === now)) {
        round.run(now);
        round.at += Math.max(1, round.every);
      }
    }
    for (const exporter of this.#exporters) exporter.stop({ killed: true });
    const all = [...happeningsOf(this.#script), ...this.#timeline.events];
    return all.toSorted((one, other) => one.at - other.at);
  }

  /** When exporters begin, end, or get another clock. */
  #changes(): number[] {
    const { file, endsAt } = this.#script;
    const own = file.troubles.filter(({ kind }) => kind.startsWith('exporter_'));
    const all = new Set([0, ...own.flatMap(({ from, to = Infinity }) => [from, to])]);
    return [...all].filter((at) => at >= 0 && at <= endsAt).toSorted((a, b) => a - b);
  }

  async #change(at: number): Promise<void> {
    const { file } = this.#script;
    const offset = file.troubles.reduce(
      (sum, one) => (one.kind === 'exporter_clock' && phaseOf(one, at).isActive ? sum + one.ahead : sum),
      file.exporter.clock,
    );
    for (const number of this.#exporters.keys()) await this.#changeExporter(number, at, offset * 1000);
  }

  async #changeExporter(number: number, at: number, offsetMs: number): Promise<void> {
    const exporter = this.#exporters[number]!;
    const absences = this.#script.file.troubles
      .filter((one) => one.kind === 'exporter_away')
      .filter(({ replica = number + 1 }) => replica === number + 1);
    const away = absences.find((one) => phaseOf(one, at).isActive);
    exporter.offsetMs = offsetMs;
    if (away !== undefined && exporter.isRunning) exporter.stop(away);
    if (away !== undefined || exporter.isRunning) return;
    const over = absences.filter((one) => one.to === at);
    if (over.some((one) => one.state_file === 'lost')) exporter.loseState();
    if (over.some(({ renamed }) => renamed)) this.#instances[number] += 'n';
    await exporter.start();
  }

  #scrape(at: number): void {
    const lost = this.#script.file.troubles.find((one) => one.kind === 'scrapes_lost' && phaseOf(one, at).isActive);
    for (const [number, { report }] of this.#exporters.entries()) {
      const isLost = lost?.kind === 'scrapes_lost' && this.#random() < lost.share;
      this.#pager.scrape(at, this.#instances[number]!, isLost ? null : report);
    }
  }

  #evaluate(at: number): void {
    this.#timeline.pages(at, this.#pager.firing(at));
  }

  #look(at: number): void {
    const said = new Map<Condition, number>();
    for (const { report, offsetMs } of this.#exporters) {
      for (const condition of report === null ? [] : conditionsIn(report)) said.set(condition, offsetMs);
    }
    this.#timeline.look(at, [...said.keys()], (one) => ((one.since ?? START) - said.get(one)! - START) / 1000);
  }
}

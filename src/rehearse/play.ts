import { seededRandom } from '../base/random.ts';
import { firstProblems, type Problem, type Source } from '../config/problem.ts';
import type { Condition } from '../diagnosis/report.ts';
import type { Script } from '../simulator/script.ts';
import { Simulation } from '../simulator/simulation.ts';
import { isActive } from '../simulator/timing.ts';
import { exporterConfiguration, FILES, hostOf, placed, type Tree } from './exporter-configuration.ts';
import { type Happening, happeningsOf } from './happenings.ts';
import { InMemoryRequests } from './in-memory.ts';
import { conditionsIn, Pager } from './pager.ts';
import { RehearsedExporter } from './rehearsed-exporter.ts';
import { StillTime } from './still-time.ts';
import { Timeline, type TimelineEvent } from './timeline.ts';

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
  readonly #happenings: readonly Happening[];
  readonly #random;
  #told = 0;

  constructor(script: Script, base: Tree, env: PlayOptions['env']) {
    const { connections, seed, file } = script;
    this.#script = script;
    this.#random = seededRandom(seed);
    this.#happenings = happeningsOf(script);
    this.#simulations = new Map(
      connections.map((connection, number) => [
        connection,
        new Simulation({
          clock: this.#time.clock(),
          seed: seed * 31 + number,
          ...{ script, connection, preset: file.provider, speed: 1, switches: {} },
        }),
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

  async problems(): Promise<readonly Problem[]> {
    return (await Promise.all(this.#exporters.map((one) => one.problems()))).flat();
  }

  async play(): Promise<readonly TimelineEvent[]> {
    const { endsAt, file } = this.#script;
    const { scrape_interval: scrapes, evaluation_interval: evaluations } = file.prometheus;
    const changes = this.#changes();
    const next = { scrape: SCRAPE_AT, evaluate: EVALUATE_AT, look: LOOK_AT };
    for (;;) {
      const at = Math.min(changes[0] ?? Infinity, ...Object.values(next));
      if (at > endsAt) break;
      await this.#time.advanceTo(at * 1000);
      if (at === changes[0]) {
        changes.shift();
        await this.#change(at);
      }
      const isWatched = !this.#script.file.troubles.some((one) => one.kind === 'prometheus_away' && isActive(one, at));
      if (at === next.scrape) {
        if (isWatched) this.#scrape(at);
        next.scrape += Math.max(1, scrapes);
      }
      if (at === next.evaluate) {
        if (isWatched) this.#timeline.pages(at, this.#pager.firing(at));
        next.evaluate += Math.max(1, evaluations);
      }
      if (at === next.look) {
        this.#look(at);
        next.look += LOOK_SECONDS;
      }
    }
    for (const exporter of this.#exporters) exporter.stop({ killed: true });
    return this.#timeline.events.toSorted((one, other) => one.at - other.at);
  }

  /** When something in the world or of the exporters changes. */
  #changes(): number[] {
    const { file, endsAt } = this.#script;
    const edges = file.troubles.flatMap(({ from, to }) => [from, to ?? Infinity]);
    const all = new Set([0, ...this.#happenings.map(({ at }) => at), ...edges]);
    return [...all].filter((at) => at >= 0 && at <= endsAt).toSorted((a, b) => a - b);
  }

  async #change(at: number): Promise<void> {
    const { file } = this.#script;
    for (; this.#happenings[this.#told] !== undefined && this.#happenings[this.#told]!.at <= at; this.#told++) {
      this.#timeline.happened(this.#happenings[this.#told]!, (id) => this.#nameOf(id));
    }
    const offset = file.troubles.reduce(
      (sum, one) => (one.kind === 'exporter_clock' && isActive(one, at) ? sum + one.ahead : sum),
      file.exporter.clock,
    );
    for (const number of this.#exporters.keys()) await this.#changeExporter(number, at, offset * 1000);
  }

  async #changeExporter(number: number, at: number, offsetMs: number): Promise<void> {
    const exporter = this.#exporters[number]!;
    const absences = this.#script.file.troubles
      .filter((one) => one.kind === 'exporter_away')
      .filter(({ replica }) => replica === undefined || replica === number + 1);
    const away = absences.find((one) => isActive(one, at));
    exporter.offsetMs = offsetMs;
    if (away !== undefined && exporter.isRunning) exporter.stop(away);
    if (away !== undefined || exporter.isRunning) return;
    const over = absences.filter((one) => one.to <= at);
    if (over.some((one) => one.to === at && one.state_file === 'lost')) exporter.loseState();
    if (over.some((one) => one.to === at && one.renamed)) this.#instances[number] += 'n';
    await exporter.start(offsetMs);
  }

  #scrape(at: number): void {
    const lost = this.#script.file.troubles.find((one) => one.kind === 'scrapes_lost' && isActive(one, at));
    for (const [number, { report }] of this.#exporters.entries()) {
      const isLost = lost?.kind === 'scrapes_lost' && this.#random() < lost.share;
      this.#pager.scrape(at, this.#instances[number]!, isLost ? null : report);
    }
  }

  #look(at: number): void {
    const said = new Map<Condition, number>();
    for (const { report, offsetMs } of this.#exporters) {
      for (const condition of report === null ? [] : conditionsIn(report)) said.set(condition, offsetMs);
    }
    this.#timeline.look(at, [...said.keys()], (one) => ((one.since ?? START) - said.get(one)! - START) / 1000);
  }

  #nameOf(id: string): string {
    return this.#script.environments.find((one) => one.id === id)?.name ?? id;
  }
}

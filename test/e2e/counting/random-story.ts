import { type Random, seededRandom } from '../../../src/base/random.ts';
import { ENV, environment, type Story } from './story.ts';

/** The state file has been written since: one of before a clock was set would seem to be old. */
const WRITTEN_MS = 660_000;
/** What has ended stays as it is for so many steps, so that reads show that. */
const ENDED_STEPS = 8;

/** Work that comes, runs and ends, while pages, clocks and processes do as they like. */
export class RandomStory {
  readonly story: Story;
  /** What has happened, and what waits and runs. */
  readonly truth: Record<string, number> = {
    created: 0,
    acknowledged: 0,
    stopped: 0,
    requeued: 0,
    queued: 0,
    active: 0,
  };
  /** The steps so far, for a failure's message. */
  readonly steps: string[] = [];
  readonly #random: Random;
  readonly #items = new Map<string, { state: 'queued' | 'active' | 'stopped'; since: number }>();
  readonly #isDated: boolean;
  #hidden: string | null = null;

  constructor(story: Story, seed: number) {
    this.story = story;
    this.#random = seededRandom(seed);
    this.#isDated = this.#random() < 0.85;
  }

  /** Before the first process. */
  given(): void {
    const { api } = this.story;
    api.dated = this.#isDated;
    api.newestFirst = this.#random() < 0.5;
    api.pageRows = this.#pick([3, 7, 20, 1000]);
    api.aheadMs = this.#pick([0, 0, -600_000, 90_000, 3_600_000]);
    api.shown = (rows) => rows.filter(({ id }) => id !== this.#hidden);
    for (let n = this.#pick([0, 5, 40]); n > 0; n--) {
      const [created_at, stopped_at] = [api.stamp(90_000_000 + n * 1000), api.stamp(80_000_000 + n * 1000)];
      this.story.create(ENV, {
        state: 'stopped',
        created_at,
        started_at: created_at,
        acknowledged_at: created_at,
        stopped_at,
      });
    }
  }

  /** One thing happens, and the list is read. */
  async step(): Promise<void> {
    const all = this.#all();
    const name = this.#pick([
      'comes',
      'comes',
      'is taken',
      'is taken',
      'ends',
      'ends',
      'wakes up',
      ...Object.keys(all),
    ]);
    // Without a date, the own clock is all that there is.
    if (!this.#isDated && (name === 'clock is set' || name === 'machine sleeps')) return;
    this.steps.push(name);
    await all[name]!();
    await this.story.pass(this.#pick([0, 700, 3000]));
    await this.story.read(this.#pick([1, 1, 2]));
  }

  /** Nothing more happens, until all of the list has been read. */
  async end(): Promise<void> {
    await this.story.pass(1_300_000);
    await this.story.read(4);
    for (const { state } of this.#items.values()) if (state !== 'stopped') this.truth[state]!++;
  }

  #all(): Readonly<Record<string, () => unknown>> {
    const { story } = this;
    const { api } = story;
    return {
      comes: () => {
        for (let n = this.#pick([1, 1, 3, 8]); n > 0; n--) this.#becomes(story.create(), 'queued', 'created');
      },
      'is taken': () => {
        for (const id of this.#some('queued', 0.5)) {
          story.acknowledge(id);
          this.#becomes(id, 'active', 'acknowledged');
        }
      },
      ends: () => {
        for (const id of this.#some('active', 0.5)) {
          story.end(id);
          this.#becomes(id, 'stopped', 'stopped');
        }
      },
      'wakes up': () => {
        for (const id of this.#some('stopped', 0.3)) {
          story.requeue(id);
          this.#becomes(id, 'queued', 'requeued');
        }
      },
      'is removed': () => {
        for (const id of this.#some('stopped', 0.3)) {
          api.remove(ENV, id);
          this.#items.delete(id);
        }
      },
      'a heartbeat': () => {
        for (const id of this.#some('active', 0.7)) api.change(ENV, id, { latest_heartbeat_at: api.stamp() });
      },
      'a heartbeat that stamps the acknowledgement again': () => {
        for (const id of this.#some('active', 0.5)) {
          api.change(ENV, id, { acknowledged_at: api.stamp(), latest_heartbeat_at: api.stamp() });
        }
      },
      'an outage': async () => {
        api.refusal = this.#pick([500, 503, 429, 401, 404]);
        await story.pass(this.#pick([20_000, 90_000, 400_000]));
        api.refusal = null;
        await story.pass(330_000);
      },
      'pages of another size': () => {
        api.pageRows = this.#pick([3, 7, 20, 1000]);
      },
      'another order': () => {
        api.newestFirst = !api.newestFirst;
      },
      'a row that is hidden': async () => {
        this.#hidden = this.#pick(['none', ...this.#items.keys()]);
        await story.read(this.#pick([1, 2]));
        this.#hidden = null;
      },
      'machine sleeps': async () => {
        story.clock.jumpWall(this.#pick([60_000, 600_000]));
        await story.pass(WRITTEN_MS);
      },
      'clock is set': async () => {
        const ms = this.#pick([-3_600_000, 3_600_000, -120_000, 700]);
        story.clock.jumpWall(ms);
        api.aheadMs -= ms;
        await story.pass(WRITTEN_MS);
      },
      'nothing happens': () => story.pass(this.#pick([60_000, 900_000])),
      crash: () => story.crash(() => this.#meanwhile()),
      restart: () => story.restart(() => this.#meanwhile()),
      reload: () => story.reload({ environments: [environment(ENV, { name: `name-${this.steps.length}` })] }),
      'twenty reloads': async () => {
        const reloads = Array.from({ length: 20 }, () => story.exporter.app.reload());
        await story.pass(500);
        await Promise.all(reloads);
      },
    };
  }

  /** What happens while no process runs. */
  #meanwhile(): void {
    const all = this.#all();
    for (const name of ['is taken', 'ends', 'comes']) if (this.#random() < 0.5) all[name]!();
  }

  #becomes(id: string, state: 'queued' | 'active' | 'stopped', counts: string): void {
    this.#items.set(id, { state, since: this.steps.length });
    this.truth[counts]!++;
  }

  #some(wanted: string, share: number): string[] {
    const latest = this.steps.length - (wanted === 'stopped' ? ENDED_STEPS : 0);
    const can = [...this.#items].filter(([, { state, since }]) => state === wanted && since <= latest);
    return can.filter(() => this.#random() < share).map(([id]) => id);
  }

  #pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random() * of.length)]!;
  }
}

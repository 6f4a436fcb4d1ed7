import { expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/clock.ts';
import { renamed } from './steps.ts';
import { Story } from './story.ts';

const STEPS = 30;
/** How many stories are told, and the number of the first one: `STORIES=200 FIRST_STORY=1000` tells others. */
const [first, stories] = [Number(process.env.FIRST_STORY ?? 1), Number(process.env.STORIES ?? 5)];
/** The state file has been written since: one of before a clock was set would seem to be old. */
const WRITTEN_MS = 660_000;
/** What has ended stays as it is for so many steps, so that reads show that. */
const ENDED_STEPS = 8;

type State = 'queued' | 'active' | 'stopped';

/** Work that comes, runs and ends, while pages, clocks and processes do as they like. */
class RandomStory {
  readonly story: Story;
  /** What has happened. */
  readonly #counted: Record<string, number> = {};
  /** The steps so far, for a failure's message. */
  readonly steps: string[] = [];
  readonly #random: () => number;
  readonly #items = new Map<string, { state: State; since: number }>();
  readonly #isDated: boolean;
  #hidden: string | null = null;

  constructor(story: Story, seed: number) {
    this.story = story;
    this.#random = seededRandom(seed);
    this.#isDated = this.#random() < 0.85;
  }

  /** Before the first process. */
  given(): void {
    Object.assign(this.story.api, {
      dated: this.#isDated,
      newestFirst: this.#random() < 0.5,
      pageRows: this.#pick([3, 7, 20, 1000]),
      aheadMs: this.#pick([0, 0, -600_000, 90_000, 3_600_000]),
      shown: (rows: readonly { id: string }[]) => rows.filter(({ id }) => id !== this.#hidden),
    });
    for (let n = this.#pick([0, 5, 40]); n > 0; n--) this.story.createEnded(80_000_000 + n * 1000);
  }

  /** One thing happens, and the list is read. */
  async step(): Promise<void> {
    const all = { ...this.#work(), ...this.#trouble() };
    const name = this.#pick(['comes', 'is taken', 'is taken', 'ends', 'ends', 'wakes up', ...Object.keys(all)]);
    // Without a date, the own clock is all that there is.
    if (!this.#isDated && (name === 'clock is set' || name === 'machine sleeps')) return;
    this.steps.push(name);
    await all[name]!();
    await this.story.pass(this.#pick([0, 700, 3000]));
    await this.story.read(this.#pick([1, 1, 2]));
  }

  /** Once all of the list has been read: what must have been counted, and what waits and runs. */
  async truth(): Promise<Readonly<Record<string, number>>> {
    await this.story.pass(1_300_000);
    await this.story.read(4);
    for (const { state } of this.#items.values()) if (state !== 'stopped') this.#count(state);
    return this.#counted;
  }

  #work(): Readonly<Record<string, () => unknown>> {
    const { story } = this;
    const { api } = story;
    const each = (state: State, share: number, act: (id: string) => unknown) => () => {
      for (const id of this.#some(state, share)) act(id);
    };
    return {
      comes: () => {
        for (let n = this.#pick([1, 1, 3, 8]); n > 0; n--) this.#becomes(story.create(), 'queued', 'created');
      },
      'is taken': each('queued', 0.5, (id) => {
        story.acknowledge(id);
        this.#becomes(id, 'active', 'acknowledged');
      }),
      ends: each('active', 0.5, (id) => {
        story.end(id);
        this.#becomes(id, 'stopped', 'stopped');
      }),
      'wakes up': each('stopped', 0.3, (id) => {
        story.requeue(id);
        this.#becomes(id, 'queued', 'requeued');
      }),
      'is removed': each('stopped', 0.3, (id) => {
        api.remove(id);
        this.#items.delete(id);
      }),
      'a heartbeat': each('active', 0.7, (id) => api.change(id, { latest_heartbeat_at: api.stamp() })),
      'a heartbeat that stamps the acknowledgement again': each('active', 0.5, (id) =>
        api.change(id, { acknowledged_at: api.stamp(), latest_heartbeat_at: api.stamp() }),
      ),
    };
  }

  #trouble(): Readonly<Record<string, () => unknown>> {
    const { story } = this;
    const { api } = story;
    /** What happens while no process runs. */
    const meanwhile = () => {
      const work = this.#work();
      for (const name of ['is taken', 'ends', 'comes']) if (this.#random() < 0.5) work[name]!();
    };
    return {
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
      crash: () => story.crash(meanwhile),
      restart: () => story.restart(meanwhile),
      reload: () => renamed(`name-${this.steps.length}`)(story),
    };
  }

  #becomes(id: string, state: State, counts: string): void {
    this.#items.set(id, { state, since: this.steps.length });
    this.#count(counts);
  }

  #count(name: string): void {
    this.#counted[name] = (this.#counted[name] ?? 0) + 1;
  }

  #some(wanted: State, share: number): string[] {
    const latest = this.steps.length - (wanted === 'stopped' ? ENDED_STEPS : 0);
    const can = [...this.#items].filter(([, { state, since }]) => state === wanted && since <= latest);
    return can.filter(() => this.#random() < share).map(([id]) => id);
  }

  #pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random() * of.length)]!;
  }
}

it.each(Array.from({ length: stories }, (_, n) => first + n))('each event counts once in story %i', async (seed) => {
  await using story = new Story();
  const random = new RandomStory(story, seed);
  await story.begin(() => random.given());
  await story.read(3);
  for (let step = 0; step < STEPS; step++) await random.step();
  const truth = await random.truth();
  expect(await story.counts(), random.steps.join(', ')).toEqual(truth);
});

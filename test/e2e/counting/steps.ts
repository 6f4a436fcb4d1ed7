import { type Configuration, ENV, environment, type Row, type Story, type ToldApi } from './story.ts';

/** What happens next. Items go by their ids. */
export type Step = (story: Story) => unknown;

export const SECOND = 1000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

export const read =
  (times = 1): Step =>
  (story) =>
    story.read(times);
export const pass =
  (ms: number): Step =>
  (story) =>
    story.pass(ms);

const ofEach =
  (act: (story: Story, id: string) => unknown) =>
  (...ids: readonly string[]): Step =>
  (story) => {
    for (const id of ids) act(story, id);
  };
export const comes = ofEach((story, id) => story.create({ id }));
export const isTaken = ofEach((story, id) => story.acknowledge(id));
export const ends = ofEach((story, id) => story.end(id));
export const waitsAgain = ofEach((story, id) => story.requeue(id));
export const leaves = ofEach(({ api }, id) => api.remove(id));

/** An item changes, or comes, in some other way. */
export const becomes =
  (id: string, change: Partial<Row>): Step =>
  ({ api }) =>
    api.change(id, change);
export const comesWith =
  (change: (story: Story) => Partial<Row>): Step =>
  (story) =>
    story.create(change(story));

export const api =
  (change: Partial<Pick<ToldApi, 'aheadMs' | 'dated' | 'pageRows' | 'newestFirst' | 'shown' | 'refusal'>>): Step =>
  (story) =>
    Object.assign(story.api, change);
export const showsAll = api({ shown: (rows) => rows });

export function inOrder(...steps: readonly Step[]): Step {
  return async (story) => {
    for (const step of steps) await step(story);
  };
}
export function times(count: number, step: (n: number) => Step): Step {
  return inOrder(...Array.from({ length: count }, (_, n) => step(n)));
}

/** Happens once, when the page of the list that begins there is asked for. */
export const atPage =
  (from: number, step: Step): Step =>
  (story) => {
    story.api.beforePage = (at) => {
      if (at !== from) return;
      story.api.beforePage = () => {};
      void step(story);
    };
  };

/** The process is killed, these happen while none runs, and another one starts. */
export const crash =
  (...whileDown: readonly Step[]): Step =>
  (story) =>
    story.crash(() => inOrder(...whileDown)(story));
/** The same, and the process ends in order. */
export const restart =
  (...whileDown: readonly Step[]): Step =>
  (story) =>
    story.restart(() => inOrder(...whileDown)(story));

export const reload =
  (change: Configuration): Step =>
  (story) =>
    story.reload(change);
export const renamed = (name: string) => reload({ environments: [environment(ENV, { name })] });

/** An item `a` that waits, runs or has ended, and that was seen so. */
export const WAITS: readonly Step[] = [read(), comes('a'), read()];
export const RUNS: readonly Step[] = [...WAITS, pass(SECOND), isTaken('a'), read()];
export const ENDED: readonly Step[] = [...RUNS, ends('a'), read()];

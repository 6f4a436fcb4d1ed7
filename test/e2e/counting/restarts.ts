import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Situation } from './situations.ts';
import type { Story } from './story.ts';

const HOUR = 3_600_000;

/** One item waits, and has been counted. */
async function oneWaits(story: Story): Promise<string> {
  await story.read();
  const id = story.create();
  await story.read();
  return id;
}

async function oneRuns(story: Story): Promise<string> {
  const id = await oneWaits(story);
  story.acknowledge(id);
  await story.read();
  return id;
}

function edit(story: Story, change: (text: string) => string): void {
  writeFileSync(story.stateFile, change(readFileSync(story.stateFile, 'utf8')));
}

/** What an earlier release wrote: no checksum, and fewer members. */
function ofAnEarlierRelease(text: string): string {
  const file = JSON.parse(text);
  delete file.crc32;
  for (const { items } of Object.values(file.environments) as { items: Record<string, Record<string, unknown>> }[]) {
    for (const item of Object.values(items)) {
      for (const member of ['deliveries', 'unseen', 'silent', 'enqueueStampDue', 'gone']) delete item[member];
    }
  }
  return JSON.stringify(file);
}

/** Files that no process can go on with: it begins anew. */
const SPOILED: readonly (readonly [what: string, spoil: (story: Story) => void])[] = [
  ['a file that is lost', (story) => rmSync(story.stateFile)],
  ['a file that is cut in the middle', (story) => edit(story, (text) => text.slice(0, text.length / 2))],
  ['a file that is cut in the name of its writer', (story) => edit(story, (text) => text.slice(0, 40))],
  ['a file of a later release', (story) => edit(story, (text) => text.replace('"version":1', '"version":2'))],
];

export const RESTARTS: readonly Situation[] = [
  {
    what: 'a whole life while no process runs',
    async happens(story) {
      await story.read();
      await story.restart(async () => {
        const id = story.create();
        await story.pass(10_000);
        story.acknowledge(id);
        await story.pass(20_000);
        story.end(id);
      });
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, stopped: 1 },
  },
  {
    what: 'a crash, and the end of the item while no process runs',
    async happens(story) {
      const id = await oneRuns(story);
      await story.crash(() => story.end(id));
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, stopped: 1 },
  },
  {
    what: 'two crashes in a row, without a read in between',
    async happens(story) {
      const id = await oneRuns(story);
      await story.crash(() => story.end(id));
      await story.crash();
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, stopped: 1 },
  },
  {
    what: 'ten restarts, with an item in each',
    async happens(story) {
      await story.read();
      for (let n = 0; n < 10; n++) await story.restart(() => story.create());
      await story.read(2);
    },
    counts: { created: 10, queued: 10 },
  },
  {
    what: 'an item that is queued again while no process runs',
    async happens(story) {
      const id = await oneRuns(story);
      story.end(id);
      await story.read();
      await story.crash(async () => {
        await story.pass(1000);
        story.requeue(id);
      });
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, stopped: 1, requeued: 1, queued: 1 },
  },
  {
    what: 'a lapse while no process runs',
    async happens(story) {
      const id = await oneRuns(story);
      await story.restart(async () => {
        await story.pass(120_000);
        story.requeue(id);
      });
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, lapsed: 1, queued: 1 },
  },
  ...SPOILED.map(([what, spoil]) => ({
    what,
    async happens(story: Story) {
      await oneRuns(story);
      await story.restart(() => spoil(story));
      await story.read(2);
    },
    counts: { active: 1 },
  })),
  {
    what: 'an empty file',
    async happens(story) {
      await oneRuns(story);
      await story.restart(() => writeFileSync(story.stateFile, ''));
      await story.read(2);
      story.create();
      await story.read();
    },
    counts: { active: 1, queued: 1, created: 1 },
  },
  {
    what: 'a file of an earlier release',
    async happens(story) {
      const id = await oneRuns(story);
      await story.restart(() => {
        edit(story, ofAnEarlierRelease);
        story.end(id);
      });
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, stopped: 1 },
  },
  {
    what: 'a file from 50 minutes ago',
    async happens(story) {
      const id = await oneRuns(story);
      await story.restart(async () => {
        story.end(id);
        await story.pass(50 * 60_000);
        story.create();
      });
      await story.read(2);
    },
    counts: { created: 2, acknowledged: 1, stopped: 1, queued: 1 },
  },
  {
    what: 'a file from two hours ago: what happened since is history',
    async happens(story) {
      const id = await oneRuns(story);
      await story.restart(async () => {
        story.end(id);
        story.create();
        await story.pass(2 * HOUR);
      });
      await story.read(2);
      story.create();
      await story.read();
    },
    counts: { created: 2, acknowledged: 1, queued: 2 },
  },
  {
    what: 'an own clock two hours ahead after a restart',
    async happens(story) {
      const id = await oneRuns(story);
      await story.restart(() => {
        story.clock.jumpWall(2 * HOUR);
        story.api.aheadMs = -2 * HOUR;
      });
      await story.read(2);
      story.end(id);
      story.create();
      await story.read(2);
    },
    counts: { created: 2, acknowledged: 1, stopped: 1, queued: 1 },
  },
  {
    what: 'an own clock two hours behind after a restart',
    async happens(story) {
      const id = await oneRuns(story);
      await story.restart(() => {
        story.clock.jumpWall(-2 * HOUR);
        story.api.aheadMs = 2 * HOUR;
      });
      await story.read(2);
      story.end(id);
      story.create();
      await story.read(2);
    },
    counts: { created: 2, acknowledged: 1, stopped: 1, queued: 1 },
  },
  {
    what: 'a folder that is away for a while',
    async happens(story) {
      await oneWaits(story);
      rmSync(story.folder, { recursive: true });
      story.create();
      await story.read();
      mkdirSync(story.folder);
      await story.pass(10_000);
      story.create();
      await story.read(2);
      await story.crash();
      await story.read();
    },
    counts: { created: 3, queued: 3 },
  },
  {
    what: 'a folder that is away at a crash: counters begin anew, and nothing counts twice',
    async happens(story) {
      await oneWaits(story);
      rmSync(story.folder, { recursive: true });
      story.create();
      await story.read();
      await story.crash(() => mkdirSync(story.folder));
      await story.read();
      story.create();
      await story.read(2);
    },
    counts: { created: 1, queued: 3 },
  },
  {
    what: 'a folder in the place of the file',
    async happens(story) {
      await oneWaits(story);
      rmSync(story.stateFile);
      mkdirSync(story.stateFile);
      story.create();
      await story.read();
      rmSync(story.stateFile, { recursive: true });
      await story.pass(10_000);
      story.create();
      await story.read(2);
      await story.crash();
      await story.read();
    },
    counts: { created: 3, queued: 3 },
  },
];

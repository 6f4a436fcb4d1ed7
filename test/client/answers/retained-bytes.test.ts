import { expect, it } from 'vitest';
import { AnswerMemory } from '../../../src/client/answers/answer-memory.ts';
import { AnswerRoom } from '../../../src/client/answers/answer-room.ts';
import type { PageMemory, WorkPage } from '../../../src/client/work-api.ts';
import { workCalls } from '../../../src/client/work-calls.ts';
import { Drift } from '../../../src/wire/drift.ts';
import { PRESETS } from '../../../src/wire/presets.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';

const LISTS = 25;
const START = Date.UTC(2026, 10, 24);

interface Rows {
  readonly count: number;
  readonly live?: number;
  readonly idLength?: number;
  readonly value?: string;
  readonly metadataKeys?: readonly string[];
  readonly tiny?: true;
  /** The text of a member of the page that nobody knows. */
  readonly junk?: string;
}

function bodyOf(list: number, { count, live = 0, idLength = 27, value = 'team', junk = '0' }: Rows): string {
  const data = Array.from({ length: count }, (_, row) => {
    const id = `${list}_${row}`.padStart(idLength, '0');
    const at = new Date(START - row * 1000).toISOString();
    const stopped = row < live ? null : at;
    const [state, latest_heartbeat_at] = row < live ? ['active', at] : ['stopped', null];
    const stamps = { created_at: at, acknowledged_at: at, started_at: at, latest_heartbeat_at, stopped_at: stopped };
    const metadata = { team: `${value}${row}`, repository: `${'x'.repeat(80)}${row}` };
    return { id, state, data: { type: 'session', id: `${id}s` }, metadata, stop_requested_at: stopped, ...stamps };
  });
  return `${JSON.stringify({ data, next_page: null }).slice(0, -1)},"junk":${junk}}`;
}

const tinyBody = (count: number) =>
  JSON.stringify({
    data: Array.from({ length: count }, (_, row) => ({ id: `${row}`, state: 'stopped' })),
    next_page: null,
  });

/** The memory that lists take which remember such a page, and what they count it for. */
async function keptOf(rows: Rows, lists: number): Promise<{ readonly bytes: number; readonly counted: number }> {
  let counted = 0;
  class CountingRoom extends AnswerRoom {
    override replaceTaken(bytes: number, before: number): void {
      counted += bytes - before;
    }
  }
  const calls = workCalls({ preset: PRESETS.anthropic, pathPrefix: '', drift: new Drift(() => {}) });
  const room = new CountingRoom(Number.POSITIVE_INFINITY);
  const before = await usedBytes();
  const memories: PageMemory[] = [];
  for (let list = 0; list < lists; list++) {
    const memory: PageMemory = new AnswerMemory({ room });
    const options = { memory, metadataKeys: rows.metadataKeys ?? [] };
    for (let read = 0; read < 3; read++) {
      const body = Buffer.from(rows.tiny ? tinyBody(rows.count) : bodyOf(list, rows));
      calls.listPage('env_1', { limit: 1000, page: null }, options).recall!(body, () => ({}) as WorkPage);
    }
    memories.push(memory);
  }
  const bytes = (await usedBytes()) - before;
  // After the measurement, so that all of it is still needed then.
  expect(memories).toHaveLength(lists);
  return { bytes, counted };
}

async function usedBytes(): Promise<number> {
  await collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

it.each<[what: string, rows: Rows]>([
  ['a thousand stopped items', { count: 1000 }],
  ['a thousand live items', { count: 1000, live: 1000 }],
  ['a hundred items, of which twenty are live', { count: 100, live: 20 }],
  ['long ids', { count: 1000, idLength: 250 }],
  ['two values of metadata', { count: 1000, metadataKeys: ['team', 'repository'] }],
  ['long values of metadata that are not Latin', { count: 500, value: 'й'.repeat(400), metadataKeys: ['team'] }],
  ['a page full of something else', { count: 1, junk: `[${'{},'.repeat(40_000)}0]` }],
  ['more rows than were asked for, with hardly anything in them', { count: 20_000, tiny: true }],
])('what is counted for remembered pages is what they take: %s', async (_, rows) => {
  // Code that runs for the first time is compiled, which takes memory, too.
  await keptOf(rows, 2);
  const { bytes, counted } = await keptOf(rows, LISTS);
  expect(bytes / counted).toBeGreaterThan(0.5);
  expect(bytes / counted).toBeLessThan(1.3);
});

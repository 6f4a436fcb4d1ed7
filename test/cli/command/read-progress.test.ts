import { expect, it } from 'vitest';
import { ReadProgress } from '../../../src/cli/command/read-progress.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { configurationOf, PROD, simulatedApi } from '../../support/simulated-api.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { TestFolder } from '../files.ts';
import { CliRun } from '../run-cli.ts';

it('tells every ten seconds what is missing, and names the first three', () => {
  const clock = new ManualClock();
  const lines: unknown[] = [];
  const progress = new ReadProgress(clock, { info: (fields, msg) => lines.push({ msg, ...fields }) });
  const waitingFor = ['env_1 list', 'env_2 stats', 'env_2 list', 'env_3 list'];
  for (let passed = 0; passed <= 25_000; passed += 20) {
    progress.logIfDue(() => ({ waitingFor: waitingFor.slice(passed / 10_000), requests: passed / 1000 }));
    clock.advanceNow(20);
  }
  const told = { msg: 'still reading: not everything was read once', event: 'read.progress' };
  expect(lines).toEqual([
    { ...told, requests: 10, waiting_for: 3, next: ['env_2 stats', 'env_2 list', 'env_3 list'] },
    { ...told, requests: 20, waiting_for: 2, next: ['env_2 list', 'env_3 list'] },
  ]);
});

it.each([
  ['once', 'info', (events: Set<string>) => expect(events).toContain('read.progress')],
  // Its table has the failures.
  ['check --live', 'info', (events: Set<string>) => expect(events).toEqual(new Set(['read.progress']))],
  ['check --live', 'warn', (events: Set<string>) => expect(events).toEqual(new Set())],
] as const)(
  '%s with level %s tells what it waits for while a read hangs, if it tells anything',
  async (command, level, told) => {
    await using api = await simulatedApi();
    api.setFaults([{ kind: 'hang', environments: [PROD], endpoints: ['list'] }]);
    using folder = new TestFolder();
    const config = folder.write('config.yaml', { ...configurationOf(api), log: { level } });
    const clock = new ManualClock();
    await using run = new CliRun([...command.split(' '), '--config', config], {}, clock);
    let isOver = false;
    void run.returned.then(() => {
      isOver = true;
    });
    await waitUntil(() => isOver, { what: 'the command to end', meanwhile: () => clock.advance(100) });
    expect(await run.returned).toMatchObject({ code: 1 });
    const lines = run.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    told(new Set(lines.map(({ event }) => event)));
    for (const line of lines.filter(({ event }) => event === 'read.progress')) {
      // The first environment: its reads are named first.
      expect(line.next).toContain(`${PROD} list`);
      expect(line.waiting_for).toBeGreaterThan(0);
      // Two reads of each environment but the one that hangs, which is tried once or twice more.
      expect(line.requests).toBeGreaterThanOrEqual(5);
    }
  },
);

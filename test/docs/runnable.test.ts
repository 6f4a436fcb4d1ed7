import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import { startCommand, type TestProcess } from '../support/processes.ts';
import { silentLogger } from '../support/silent.ts';
import { blocksOf, PAGES } from './pages.ts';

const PROGRAM = 'npx anthropic-work-exporter ';

/** Every command of the pages' shell blocks that calls the exporter, once, with its page. */
const COMMANDS = [
  ...new Map(
    PAGES.flatMap(({ path, text }) =>
      blocksOf({ path, text })
        .filter(({ language }) => language === 'sh')
        .flatMap((block) => block.text.replaceAll(/\\\n\s*/g, '').split('\n'))
        .map((line) => line.trim())
        .filter((line) => line.startsWith(PROGRAM))
        .map((line) => [line, path] as const),
    ),
  ),
];

let simulator: Simulator;
let folder: string;
let exporter: TestProcess;
let exporterUrl: string;

/** The arguments of a line, with files and addresses of this machine in the place of those on the page. */
function argumentsOf(line: string): readonly string[] {
  const [command] = line.slice(PROGRAM.length).split(/ [>|] /);
  const words = command!.split(' ').map((word) => {
    if (word === 'exporter.yaml') return join(folder, 'exporter.yaml');
    if (word === 'boards') return join(folder, 'boards');
    return word === 'http://127.0.0.1:9877' ? exporterUrl : word;
  });
  return words[0] === 'serve' ? [...words, '--listen', '127.0.0.1:0'] : words;
}

beforeAll(async () => {
  simulator = await startSimulator({ clock: systemClock, logger: silentLogger, scenario: 'steady' });
  folder = mkdtempSync(join(tmpdir(), 'runnable-'));
  const [first] = simulator.environments;
  writeFileSync(
    join(folder, 'exporter.yaml'),
    JSON.stringify({
      api: { base_url: simulator.url, api_key: simulator.apiKey },
      environments: [{ id: first!.id, environment_key: first!.environmentKey }],
    }),
  );
  exporter = start('npx anthropic-work-exporter serve --config exporter.yaml');
  exporterUrl = (await exporter.saw(/(http:\/\/127\.0\.0\.1:\d+)/))[1]!;
});
afterAll(async () => {
  await exporter[Symbol.asyncDispose]();
  await simulator.stop();
  rmSync(folder, { recursive: true });
});

function start(line: string): TestProcess {
  const env = { ANTHROPIC_BASE_URL: simulator.url, ANTHROPIC_API_KEY: simulator.apiKey };
  return startCommand(argumentsOf(line), { env });
}

describe('the commands of the pages', () => {
  it('the pages have commands to be run', () => {
    expect(COMMANDS.length).toBeGreaterThan(6);
  });

  it.each(COMMANDS)('%s (%s) runs', async (line) => {
    await using run = start(line);
    const word = argumentsOf(line)[0];
    if (word === 'serve' || word === 'drill') {
      await run.saw(word === 'serve' ? /exporter is listening/ : /minute/, word === 'serve' ? 'stderr' : 'stdout');
      run.kill('SIGTERM');
    }
    const { code, stderr } = await run.exit;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  });
});

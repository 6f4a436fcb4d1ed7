/**
 * `npm run bench` measures everything and prints a table with goal and result; `npm run bench -- NAME …` only what is
 * named. Exits 1 when a goal is missed. Each bench runs in a process of its own.
 */
import { fork } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { BENCHES } from './benches.ts';
import { buildExporter } from './build.ts';
import type { Figure } from './figure.ts';
import { type BenchName, GOALS } from './goals.ts';
import { tableLines } from './table.ts';

const MEASURE = '--measure';
const names = process.argv.slice(2);

/** Those that start the exporter. */
const OF_THE_PROGRAM: readonly BenchName[] = ['polls', 'memory', 'idle', 'start'];
/** One after the other, but for two that leave the machine idle and measure no time. */
const TURNS: readonly (readonly BenchName[])[] = [
  ['polls'],
  ['scrape'],
  ['memory', 'idle'],
  ['start'],
  ['list'],
  ['rules'],
];

if (names[0] === MEASURE) {
  process.send?.(await BENCHES[names[1] as BenchName]());
} else {
  const unknown = names.filter((name) => !Object.hasOwn(GOALS, name));
  if (unknown.length > 0) throw new Error(`no bench ${unknown.join(', ')}; there is ${Object.keys(GOALS).join(', ')}`);
  const day = new Date().toISOString().slice(0, 10);
  const memory = `${Math.floor(totalmem() / 2 ** 30)} GB`;
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, ${memory}`;
  process.stdout.write(`${day}, Node ${process.version}, ${machine}\n\n`);
  process.stdout.write('| bench | what | goal | result | from |\n| --- | --- | --- | --- | --- |\n');
  const begun = performance.now();
  if (names.length === 0 || OF_THE_PROGRAM.some((name) => names.includes(name))) await buildExporter();
  let missed = 0;
  for (const turn of TURNS) {
    const wanted = turn.filter((name) => names.length === 0 || names.includes(name));
    const figures = await Promise.all(wanted.map((name) => measured(name)));
    for (const [index, name] of wanted.entries()) {
      for (const { line, isMissed } of tableLines(name, figures[index]!)) {
        if (isMissed) missed++;
        process.stdout.write(`${line}\n`);
      }
    }
  }
  const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
  process.stdout.write(
    `\n${missed === 0 ? 'Every goal is met' : `${missed} goals are missed`}, after ${minutes} min\n`,
  );
  process.exitCode = missed === 0 ? 0 : 1;
}

function measured(name: BenchName): Promise<readonly Figure[]> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [MEASURE, name]);
    child.once('message', (figures) => resolve(figures as readonly Figure[]));
    child.once('exit', (code) => reject(new Error(`bench ${name} ended with ${code}`)));
  });
}

/**
 * `npm run bench` measures everything and prints a table with goal and result; `npm run bench -- NAME …` only what is
 * named. Exits 1 when a goal is missed. Each bench runs in a process of its own, one after the other.
 */
import { fork } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { BENCHES, type BenchName } from './benches.ts';
import type { Figure } from './figure.ts';

const MEASURE = '--measure';
const names = process.argv.slice(2);

if (names[0] === MEASURE) {
  process.send?.(await BENCHES[names[1] as BenchName]());
} else {
  const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
  if (unknown.length > 0)
    throw new Error(`no bench ${unknown.join(', ')}; there is ${Object.keys(BENCHES).join(', ')}`);
  const day = new Date().toISOString().slice(0, 10);
  process.stdout.write(`${day}, Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}\n\n`);
  process.stdout.write('| bench | what | goal | result | from |\n| --- | --- | --- | --- | --- |\n');
  let missed = 0;
  for (const name of (names.length > 0 ? names : Object.keys(BENCHES)) as BenchName[]) {
    for (const figure of await measured(name)) {
      if (figure.result > figure.goal) missed++;
      process.stdout.write(line(name, figure));
    }
  }
  process.stdout.write(`\n${missed === 0 ? 'Every goal is met' : `${missed} goals are missed`}\n`);
  process.exitCode = missed === 0 ? 0 : 1;
}

function measured(name: BenchName): Promise<readonly Figure[]> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [MEASURE, name]);
    child.once('message', (figures) => resolve(figures as readonly Figure[]));
    child.once('exit', (code) => reject(new Error(`bench ${name} ended with ${code}`)));
  });
}

function line(name: BenchName, { what, goal, result, unit, from = '' }: Figure): string {
  const value = (number: number) => `${number.toFixed(2)}${unit === undefined ? '' : ` ${unit}`}`;
  const mark = result > goal ? ' **missed**' : '';
  return `| ${name} | ${what} | ${value(goal)} | ${value(result)}${mark} | ${from} |\n`;
}

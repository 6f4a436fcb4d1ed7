/**
 * `npm run bench` measures what a user can notice, and prints a table with goal and result; `npm run bench -- NAME …` only
 * what is named. Exits 1 when a goal is missed. Each bench runs in a process of its own, one after the other.
 */
import { fork } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { measureAttacks } from './attack.ts';
import { measureFleets } from './fleets.ts';
import { measureList } from './list.ts';
import { buildExporter } from './processes.ts';
import { measureRules } from './rules/rule-evaluation.ts';
import { measureSessions } from './sessions.ts';
import { measureStart } from './start.ts';

/** By row: the result, and what it was made of. */
export type Figures = Readonly<Record<string, readonly [result: number, from?: string]>>;

interface Bench {
  readonly measure: () => Promise<Figures>;
  /** By row: the most that its result should be, and its unit; without one it is a ratio. */
  readonly goals: Readonly<Record<string, readonly [goal: number, unit?: string]>>;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  fleets: {
    measure: measureFleets,
    goals: {
      'CPU, 100 environments at the default intervals': [1, '% of a core'],
      'CPU a poll, 1,000 environments / Go': [1],
      'memory, 1 environment': [100, 'MB'],
      'memory, 100 environments': [120, 'MB'],
      'memory, 1,000 environments': [350, 'MB'],
      'cold scrape of 1,000 environments: latency / prom-client': [0.3],
      'cold scrape of 1,000 environments: CPU / prom-client': [0.3],
    },
  },
  sessions: {
    measure: measureSessions,
    goals: {
      'CPU, 10,000 long runs, 100,000 requests/min': [2, '% of a core'],
      'CPU, 10,000 long runs of unknown sessions, 100,000 requests/min': [2, '% of a core'],
      'CPU, 10,000 long runs, 1,200 requests/min': [2, '% of a core'],
      'CPU a request for a session / for stats or a list': [1],
      'CPU a session: unknown / known': [1],
      'CPU of 25 to 100 environments with long runs: exponent': [1.05],
    },
  },
  start: { measure: measureStart, goals: { 'start to the first /metrics': [0.5, 's'] } },
  attacks: {
    measure: measureAttacks,
    goals: { 'slowest /-/healthy under attack': [1, 's'], 'memory under attack / idle': [2] },
  },
  list: { measure: measureList, goals: { '100,000 stopped items: requests / naive read': [0.2] } },
  rules: { measure: measureRules, goals: { 'CPU of Prometheus in each 30 s, 1,000 environments': [50, 'ms'] } },
};

const MEASURE = '--measure';
const names = process.argv.slice(2);

if (names[0] === MEASURE) {
  process.send?.(await BENCHES[names[1]!]!.measure());
  process.exit();
}
const wanted = names.length === 0 ? Object.keys(BENCHES) : names;
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) throw new Error(`no bench ${unknown.join(', ')}; there is ${Object.keys(BENCHES).join(', ')}`);
const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, load ${loadavg()[0]?.toFixed(1)}`;
const say = (line: string) => void process.stdout.write(`${line}\n`);
say(`${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${machine}\n`);
say('| what | goal | result | from |\n| --- | --- | --- | --- |');
await buildExporter();
for (const name of wanted) {
  const figures = await measured(name);
  for (const [what, [goal, unit = '']] of Object.entries(BENCHES[name]!.goals)) {
    const figure = figures[what];
    if (figure === undefined) throw new Error(`${name} did not measure ${what}`);
    // What is printed is what is judged.
    const result = Number(figure[0].toPrecision(3));
    const isMissed = result > goal;
    if (isMissed) process.exitCode = 1;
    say(`| ${what} | ${goal} ${unit} | ${result}${isMissed ? ' **missed**' : ''} | ${figure[1] ?? ''} |`);
  }
}

function measured(name: string): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [MEASURE, name]);
    child.once('message', (figures) => resolve(figures as Figures));
    child.once('exit', (code) => reject(new Error(`bench ${name} ended with ${code}`)));
  });
}

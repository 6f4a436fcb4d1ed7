import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { BackfilledPrometheus } from '../test/dashboards/support/incident/backfilled-prometheus.ts';
import { momentOf } from '../test/dashboards/support/incident/timetable.ts';
import { buildPage } from './build.ts';
import { drawBoard } from './draw-board.ts';
import type { Drawing } from './drawing.ts';
import { judge } from './judge.ts';
import { PageServer } from './page-server.ts';
import { prove } from './prove.ts';
import { DRILL_DOWN, pageQuery, SITUATIONS, type Situation } from './situations.ts';

const folder = import.meta.dirname;
const grafana = join(resolve(folder, '..'), 'grafana');
const BOARDS = ['overview', 'environment', 'slo', 'exporter'];

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(folder, 'out') },
    board: { type: 'string', multiple: true, default: BOARDS },
    situation: { type: 'string', multiple: true },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    prove: { type: 'boolean', default: false },
  },
});

const isWanted = (situation: string) => values.situation === undefined || values.situation.includes(situation);
const say = (text: string) => process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  mkdirSync(values.out, { recursive: true });
  await buildPage(folder);
  const browser = await chromium.launch({
    executablePath: values.chromium,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  try {
    if (values.prove) return await overFleet(6, (prometheus) => proveJudge(browser, prometheus));
    const wanted = values.board.flatMap((board) =>
      [...SITUATIONS, ...(board === 'environment' ? DRILL_DOWN : [])]
        .filter(({ name }) => isWanted(name))
        .map((situation) => ({ board, situation })),
    );
    let faults = 0;
    for (const environments of [6, 25] as const) {
      const here = wanted.filter(({ situation }) => situation.environments === environments);
      if (here.length > 0) faults += await overFleet(environments, (prometheus) => drawAll(browser, prometheus, here));
    }
    return faults;
  } finally {
    await browser.close();
  }
}

/** Calls `use` with the address of a Prometheus that knows the incident of so many environments. */
async function overFleet(environments: 6 | 25, use: (prometheus: string) => Promise<number>): Promise<number> {
  const few = environments === 6;
  const prometheus = await BackfilledPrometheus.start({
    environments,
    minutes: 360,
    replicas: few ? 2 : 1,
    scrapeSeconds: few ? 30 : 60,
    lookbackSeconds: few ? 60 : 90,
  });
  try {
    return await use(await prometheus.url());
  } finally {
    await prometheus.stop();
  }
}

type Jobs = readonly { readonly board: string; readonly situation: Situation }[];

async function drawAll(browser: Browser, prometheus: string, jobs: Jobs): Promise<number> {
  let faults = 0;
  for (const { board, situation } of jobs) {
    const file = join(values.out, `${board}-${situation.name}.png`);
    const drawing = await draw(browser, { prometheus, boards: grafana, board, situation, file });
    writeFileSync(file.replace(/png$/, 'json'), JSON.stringify(drawing, null, 1));
    const found = judge(board, situation, drawing);
    faults += found.length;
    const { panels, queries, height } = drawing;
    say(
      `${found.length === 0 ? 'ok  ' : 'FAIL'} ${board} ${situation.name}: ${panels.length} panels, ${queries.length} queries, ${height} px`,
    );
    for (const fault of found) say(`     ${fault}`);
  }
  return faults;
}

const proveJudge = (browser: Browser, prometheus: string): Promise<number> =>
  prove({
    boards: grafana,
    out: values.out,
    wanted: (board, situation) => values.board.includes(board) && isWanted(situation),
    say,
    judged: async (boards, board, situation) =>
      judge(
        board,
        situation,
        await draw(browser, { prometheus, boards, board, situation, file: join(boards, 'spoilt.png') }),
      ),
  });

interface Job {
  readonly prometheus: string;
  readonly boards: string;
  readonly board: string;
  readonly situation: Situation;
  readonly file: string;
}

async function draw(browser: Browser, { prometheus, boards, board, situation, file }: Job): Promise<Drawing> {
  const server = await PageServer.start({ folder, boards, prometheus });
  try {
    return await drawBoard(browser, {
      url: `${server.url}/?${pageQuery(`anthropic-work-${board}`, situation)}`,
      now: momentOf(situation.phase),
      width: situation.width ?? 1600,
      file,
    });
  } finally {
    await server.stop();
  }
}

process.exitCode = (await main()) === 0 ? 0 : 1;

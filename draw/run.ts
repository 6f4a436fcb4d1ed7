import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { BackfilledPrometheus } from '../test/dashboards/support/incident/backfilled-prometheus.ts';
import { momentOf } from '../test/dashboards/support/incident/timetable.ts';
import { buildPage } from './build.ts';
import { drawBoard } from './draw-board.ts';
import { judge } from './judge.ts';
import { PageServer } from './page-server.ts';
import { DRILL_DOWN, pageQuery, SITUATIONS, type Situation } from './situations.ts';

const folder = import.meta.dirname;
const root = resolve(folder, '..');
const BOARDS = ['overview', 'environment', 'slo', 'exporter'];

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(folder, 'out') },
    board: { type: 'string', multiple: true, default: BOARDS },
    situation: { type: 'string', multiple: true },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});

const say = (text: string) => process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  mkdirSync(values.out, { recursive: true });
  await buildPage(folder);
  const wanted = values.board.flatMap((board) =>
    [...SITUATIONS, ...(board === 'environment' ? DRILL_DOWN : [])]
      .filter(({ name }) => values.situation === undefined || values.situation.includes(name))
      .map((situation) => ({ board, situation })),
  );
  const browser = await chromium.launch({
    executablePath: values.chromium,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  try {
    let faults = 0;
    for (const environments of [6, 25] as const) {
      const here = wanted.filter(({ situation }) => situation.environments === environments);
      if (here.length > 0) faults += await drawAll(here, environments);
    }
    return faults;
  } finally {
    await browser.close();
  }

  async function drawAll(drawn: readonly { board: string; situation: Situation }[], environments: 6 | 25) {
    const few = environments === 6;
    const prometheus = await BackfilledPrometheus.start({
      environments,
      minutes: 360,
      replicas: few ? 2 : 1,
      scrapeSeconds: few ? 30 : 60,
      lookbackSeconds: few ? 60 : 90,
    });
    const server = await PageServer.start({ folder, boards: join(root, 'grafana'), prometheus: prometheus.url });
    let faults = 0;
    try {
      for (const { board, situation } of drawn) {
        const uid = `anthropic-work-${board}`;
        const file = join(values.out, `${board}-${situation.name}.png`);
        const drawing = await drawBoard(browser, {
          url: `${server.url}/?${pageQuery(uid, situation)}`,
          now: momentOf(situation.phase),
          width: situation.width ?? 1600,
          file,
        });
        writeFileSync(file.replace(/png$/, 'json'), JSON.stringify(drawing, null, 1));
        const found = judge(board, situation, drawing);
        faults += found.length;
        say(
          `${found.length === 0 ? 'ok  ' : 'FAIL'} ${board} ${situation.name}: ${drawing.panels.length} panels, ${drawing.queries.length} queries, ${drawing.height} px`,
        );
        for (const fault of found) say(`     ${fault}`);
      }
    } finally {
      await server.stop();
      await prometheus.stop();
    }
    return faults;
  }
}

process.exitCode = (await main()) === 0 ? 0 : 1;

import { expect, it } from 'vitest';
import { serverDeps, startServer } from '../../support/http-server.ts';
import { buildState } from '../../support/states.ts';
import { condition, reportOf, textOf } from './page-facts.ts';

const conditions = () => reportOf(condition('1', { summary: 'prod: no workers', description: 'Start the workers.' }));

async function ask(url: string) {
  const answer = await fetch(url);
  return { status: answer.status, text: await answer.text() };
}

it('shows one environment with what its alerts say and what to do', async () => {
  await using server = await startServer(serverDeps([buildState('env_1')], { conditions }));
  const { status, text } = await ask(`${server.url}/environments/env_1`);
  expect(status).toBe(200);
  expect(textOf(text)).toContain('prod: no workers firing for 4m · NoWorkers runbook Start the workers.');
  expect((await ask(`${server.url}/environments/env_2`)).status).toBe(404);
});

it('leads from an alert to its runbook, which comes with the program', async () => {
  await using server = await startServer(serverDeps([buildState('env_1')], { conditions }));
  const page = await ask(`${server.url}/`);
  const [, path] = /href="(\/runbooks\/\w+)"/.exec(page.text)!;
  const runbook = await ask(`${server.url}${path}`);
  expect(runbook.status).toBe(200);
  expect(textOf(runbook.text)).toContain('NoWorkers runbook Covers:');
  expect((await ask(`${server.url}/runbooks/..%2f..%2fpackage`)).status).toBe(404);
});

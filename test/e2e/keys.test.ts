import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RunningApp } from '../app/running-app.ts';
import { TestFolder } from '../cli/files.ts';
import { runCli } from '../cli/run-cli.ts';
import { apiError, type Handler, json, startServer } from '../client/test-server.ts';
import { configurationOf, PROD, QUICK, simulatedApi } from '../support/simulated-api.ts';

const CANARY = 'sk-ant-oat01-CANARYcanary/+=CANARY-0123456789';

/** Everywhere in an address where somebody may have pasted a key. */
const pathsWith = (key: string) => [
  ...[`/${key}`, `/?q=${key}`, `/?q=x+${key}&status=${key}`, `/?${key}=1`, `/environments/${key}`],
  ...[`/api/v1/environments/${key}`, `/api/v1/environments/${key}/scaling`, `/probe?environment_id=${key}`],
  ...[`/runbooks/${key}`, `/runbooks/NoWorkers?environment=${key}`],
];
const PATHS = [
  ...['/metrics', '/', '/api/v1/environments', `/api/v1/environments/${PROD}`, '/-/ready', '/api/v1/sd'],
  ...[CANARY, encodeURIComponent(CANARY)].flatMap(pathsWith),
];
const HEADERS = ['authorization', 'x-request-id', 'origin', 'referer', 'accept', 'x-prometheus-scrape-timeout-seconds'];

/** A text as it would look in an answer, a log or an address. */
function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  // In base64 the text may begin at each of three places, and its ends depend on what is beside it.
  const base64 = [0, 1, 2].map((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return shifted.slice(4, -4).replace(/=+$/, '');
  });
  return [
    ...[text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1), text.slice(14, 30)],
    ...base64.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]),
    ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase()],
  ];
}

it('a key that is refused, replaced and misplaced is in no output, in no form', async () => {
  // Else nothing below could be found.
  expect(formsOf(CANARY).some((form) => Buffer.from(`Bearer ${CANARY}`).toString('base64').includes(form))).toBe(true);
  await using api = await simulatedApi();
  const key = api.environments[0]!.environmentKey;
  await using running = new RunningApp();
  writeFileSync(running.path('key'), CANARY);
  const environments = [{ id: PROD, name: 'prod', environment_key_file: running.path('key') }];
  running.configure(configurationOf(api, { environments }));
  await running.serve();
  await running.waitUntil(() => running.events('environment.failing').length > 0);
  const answers: string[] = [];
  const ask = async (path: string, init: RequestInit = {}) =>
    void answers.push(await (await fetch(`${running.url}${path}`, init)).text());
  const look = async () => {
    for (const path of PATHS) await ask(path);
    for (const body of [CANARY, JSON.stringify({ scenario: CANARY }), JSON.stringify({ [CANARY]: CANARY })])
      await ask('/-/drill', { method: 'POST', body });
    for (const name of HEADERS) await ask('/probe', { headers: { [name]: CANARY } });
    answers.push(JSON.stringify(await running.reload()));
  };
  await look();
  // A key in each place where none belongs, and one that cannot be read.
  for (const change of [
    { environments: [{ ...environments[0], name: CANARY }] },
    { environments: [{ ...environments[0], labels: { owner: CANARY } }] },
    { environments: [{ id: PROD, environment_key_file: `/run/${CANARY}` }] },
    { environments: [{ id: PROD, environment_key: `${CANARY} ` }] },
    { environments, state_file: running.path('key') },
    { environments, [CANARY]: 1 },
  ]) {
    running.configure(configurationOf(api, change));
    await look();
  }
  writeFileSync(running.path('key'), key);
  running.configure(configurationOf(api, { environments }));
  await look();
  await running.waitUntil(() => running.readSince(PROD, 'list'));
  await look();
  const output = [...answers, JSON.stringify(running.log)].join('\n');
  expect(output).toContain('seems to contain a key');
  for (const form of [CANARY, key, api.apiKey].flatMap(formsOf)) expect(output).not.toContain(form);
});

const RANDOM = 'quietcanarybird-Zx9Lm4Qw7Tr2Vb5NhJ8k';
const KEY = `sk-ant-oat01-${RANDOM}`;
/** As services cut and mask the keys that they name. The middle has the shape of an error type. */
const PARTS: Readonly<Record<string, string>> = {
  env_start: KEY.slice(0, 26),
  env_tail: KEY.slice(-12),
  env_middle: 'canarybird',
  env_masked: `${KEY.slice(0, 22)}...${KEY.slice(-8)}`,
  env_whole: KEY,
};
const environments = Object.keys(PARTS).map((id) => ({ id, environment_key: KEY }));

type Echo = (part: string) => Handler;
const asJson =
  (status: number): Echo =>
  (part) =>
  (_, response) => {
    const error = apiError(part, `Incorrect key provided: ${part}`, { details: { error_code: part } });
    json(response, status, { ...error, request_id: part }, { 'request-id': `req_${part}` });
  };
const asText =
  (status: number, headers: (part: string) => Readonly<Record<string, string>>): Echo =>
  (part) =>
  (_, response) =>
    response.writeHead(status, headers(part)).end(`bad key ${part}`);
const requestId = (part: string) => ({ 'content-type': 'text/plain', 'request-id': part });
const location = (part: string) => ({ location: `https://${part.replaceAll(/[^\w-]/g, '-')}.example.test/${part}` });

it.each<[what: string, echo: Echo]>([
  ...[401, 400, 403, 500].map((status): [string, Echo] => [`${status} with JSON`, asJson(status)]),
  ['401 with text', asText(401, requestId)],
  ['500 with text', asText(500, requestId)],
  ['a redirect', asText(302, location)],
])('no part of a key that the API echoes in %s gets out', async (_, echo) => {
  await using resources = new AsyncDisposableStack();
  const server = await startServer((request, ...others) => {
    const id = Object.keys(PARTS).find((one) => request.url?.includes(`/${one}/`));
    echo(PARTS[id!]!)(request, ...others);
  });
  resources.defer(() => server.close());
  const api = { base_url: server.url, requests_per_minute: 6000 };
  const configuration = { api, environments, poll: QUICK, log: { level: 'debug' } };
  const outputs: string[] = [];

  using folder = new TestFolder();
  const config = folder.write('config.yaml', configuration);
  for (const command of ['check --live', 'check --live --json', 'once --format json', 'once --format prometheus']) {
    const { code, stdout, stderr } = await runCli([...command.split(' '), '--config', config]);
    expect([1, 3, 4], command).toContain(code);
    outputs.push(stdout, stderr);
  }

  await using exporter = await RunningApp.start(configuration);
  const failed = (id: string) => (exporter.app.states.get(id)?.operations.list.failure ?? null) !== null;
  await exporter.waitUntil(() => environments.every(({ id }) => failed(id)));
  for (const path of ['/metrics', '/', '/api/v1/environments', ...environments.map(({ id }) => `/environments/${id}`)])
    outputs.push(await (await fetch(`${exporter.url}${path}`)).text());
  outputs.push(JSON.stringify(exporter.log));

  const shown = outputs.join('\n').toLowerCase();
  expect(shown).toContain('env_middle was answered with');
  const parts = Array.from({ length: RANDOM.length - 7 }, (_, at) => RANDOM.slice(at, at + 8).toLowerCase());
  expect(parts.filter((part) => shown.includes(part))).toEqual([]);
});

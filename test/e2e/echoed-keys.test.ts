import { expect, it } from 'vitest';
import { RunningApp } from '../app/running-app.ts';
import { TestFolder } from '../cli/files.ts';
import { runCli } from '../cli/run-cli.ts';
import { apiError, type Handler, json, startServer } from '../client/test-server.ts';
import { QUICK } from '../support/simulated-api.ts';

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

/** What each environment is answered with: the part of its key, everywhere in an answer. */
const answers: readonly [what: string, (part: string) => Handler][] = [
  ...[401, 400, 403, 500].map((status): [string, (part: string) => Handler] => [
    `${status} with JSON`,
    (part) => (_, response) =>
      json(
        response,
        status,
        { ...apiError(part, `Incorrect key provided: ${part}`, { details: { error_code: part } }), request_id: part },
        { 'request-id': `req_${part}` },
      ),
  ]),
  ...[401, 500].map((status): [string, (part: string) => Handler] => [
    `${status} with text`,
    (part) => (_, response) =>
      response.writeHead(status, { 'content-type': 'text/plain', 'request-id': part }).end(`bad key ${part}`),
  ]),
  [
    'a redirect',
    (part) => (_, response) =>
      response.writeHead(302, { location: `https://${part.replaceAll(/[^\w-]/g, '-')}.example.test/${part}` }).end(),
  ],
];

/** The parts of the key that are in a text, in any case. */
function partsIn(text: string): readonly string[] {
  const shown = text.toLowerCase();
  const parts = Array.from({ length: RANDOM.length - 7 }, (_, at) => RANDOM.slice(at, at + 8));
  return parts.filter((part) => shown.includes(part.toLowerCase()));
}

it.each(answers)('no part of a key that the API echoes in %s gets out', async (_, answer) => {
  await using server = Object.assign(
    await startServer((request, response, count) => {
      const id = Object.keys(PARTS).find((one) => request.url?.includes(`/${one}/`));
      answer(PARTS[id!]!)(request, response, count);
    }),
    { [Symbol.asyncDispose]: () => server.close() },
  );
  const configuration = {
    api: { base_url: server.url, requests_per_minute: 6000 },
    environments,
    poll: QUICK,
    log: { level: 'debug' },
  };
  const outputs: string[] = [];

  using folder = new TestFolder();
  const config = folder.write('config.yaml', configuration);
  for (const args of [
    ['check', '--live'],
    ['check', '--live', '--json'],
    ['once', '--format', 'json'],
    ['once', '--format', 'prometheus'],
  ]) {
    const { code, stdout, stderr } = await runCli([...args, '--config', config]);
    expect([1, 3, 4], args.join(' ')).toContain(code);
    outputs.push(stdout, stderr);
  }

  await using exporter = await RunningApp.start(configuration);
  await exporter.waitUntil(() =>
    environments.every(({ id }) => (exporter.app.states.get(id)?.operations.list.failure ?? null) !== null),
  );
  for (const path of ['/metrics', '/', '/api/v1/environments', ...environments.map(({ id }) => `/environments/${id}`)])
    outputs.push(await (await fetch(`${exporter.url}${path}`)).text());
  outputs.push(JSON.stringify(exporter.log));

  expect(outputs.join('\n')).toContain('env_middle was answered with');
  expect(partsIn(outputs.join('\n'))).toEqual([]);
});

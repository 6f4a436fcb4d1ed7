import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RunningApp } from '../app/running-app.ts';
import { configurationOf, PROD, simulatedApi } from '../support/simulated-api.ts';

const CANARY = 'sk-ant-oat01-CANARYcanary/+=CANARY-0123456789';

const PATHS = ['/metrics', '/', '/api/v1/environments', `/api/v1/environments/${PROD}`, '/-/ready', '/api/v1/sd'];

/** Everywhere in an address where somebody may have pasted a key. */
const pathsWith = (key: string) => [
  `/${key}`,
  `/?q=${key}`,
  `/?q=x+${key}&status=${key}`,
  `/?${key}=1`,
  `/environments/${key}`,
  `/api/v1/environments/${key}`,
  `/api/v1/environments/${key}/scaling`,
  `/probe?environment_id=${key}`,
  `/runbooks/${key}`,
  `/runbooks/NoWorkers?environment=${key}`,
];

/** A text as it would look in an answer, a log or an address. */
function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  // In base64 the text may begin at each of three places.
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4)
      .replace(/=+$/, ''),
  );
  return [
    text,
    ...base64,
    ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    text.slice(14, 30),
  ];
}

it('every form of a key is found where it is', () => {
  for (const form of formsOf(CANARY)) expect(form.length).toBeGreaterThan(12);
  expect(`x${Buffer.from(`Bearer ${CANARY}`).toString('base64')}`).toMatch(
    new RegExp(
      formsOf(CANARY)
        .slice(1, 4)
        .map((form) => form.replace(/[+/]/g, '\\$&'))
        .join('|'),
    ),
  );
});

it('a key that is refused, replaced and misplaced is in no output, in no form', async () => {
  await using api = await simulatedApi();
  const key = api.environments[0]!.environmentKey;
  await using running = new RunningApp();
  writeFileSync(running.path('key'), CANARY);
  const environments = [{ id: PROD, name: 'prod', environment_key_file: running.path('key') }];
  running.configure(configurationOf(api, { environments }));
  await running.serve();
  await running.waitUntil(() => running.events('environment.failing').length > 0);
  const answers: string[] = [];
  const look = async () => {
    for (const path of [...PATHS, ...pathsWith(CANARY), ...pathsWith(encodeURIComponent(CANARY))])
      answers.push(await (await fetch(`${running.url}${path}`)).text());
    for (const body of [CANARY, JSON.stringify({ scenario: CANARY }), JSON.stringify({ [CANARY]: CANARY })])
      answers.push(await (await fetch(`${running.url}/-/drill`, { method: 'POST', body })).text());
    for (const name of [
      'authorization',
      'x-request-id',
      'origin',
      'referer',
      'accept',
      'x-prometheus-scrape-timeout-seconds',
    ])
      answers.push(await (await fetch(`${running.url}/probe`, { headers: { [name]: CANARY } })).text());
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

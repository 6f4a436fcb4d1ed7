import { request } from 'undici';
import { expect, it } from 'vitest';
import { serverDeps, startServer } from '../../support/http-server.ts';
import { rawAnswer } from '../../support/raw-http.ts';
import { buildEnvironment, buildState } from '../../support/states.ts';

const owned = { ...buildState('env_2'), environment: buildEnvironment('env_2', { labels: { owner: 'agents' } }) };

it('lists one target per environment, with all that a probe needs', async () => {
  await using server = await startServer(serverDeps([buildState('env_1'), owned]));
  const { statusCode, headers, body } = await request(`${server.url}/api/v1/sd`);
  expect([statusCode, headers['content-type']]).toEqual([200, 'application/json']);
  const groups = (await body.json()) as { targets: string[]; labels: Record<string, string> }[];
  expect(groups.map(({ targets }) => targets)).toEqual([[`127.0.0.1:${server.port}`], [`127.0.0.1:${server.port}`]]);
  expect(groups[1]!.labels).toMatchObject({
    __scheme__: 'http',
    __metrics_path__: '/probe',
    __param_environment_id: 'env_2',
    instance: 'env_2',
    __meta_anthropic_work_environment_id: 'env_2',
    __meta_anthropic_work_connection: 'default',
    __meta_anthropic_work_label_owner: 'agents',
  });
});

it('an empty fleet is an empty list', async () => {
  await using server = await startServer(serverDeps([]));
  expect(await (await request(`${server.url}/api/v1/sd`)).body.json()).toEqual([]);
});

it.each([
  ['exporter.example.com:9877', 'exporter.example.com:9877'],
  ['exporter.example.com', 'exporter.example.com:80'],
  ['[::1]:9877', '[::1]:9877'],
  ['exporter.example.com:', 'exporter.example.com:80'],
  ['no~host', null],
  ['a,b', null],
])('asked as %s, the targets are %s', async (host, expected) => {
  await using server = await startServer(serverDeps([buildState('env_1')], { config: { host: '0.0.0.0' } }));
  const answer = await rawAnswer(server.port, `GET /api/v1/sd HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  expect(answer).toContain(`"targets":["${expected ?? `127.0.0.1:${server.port}`}"]`);
});

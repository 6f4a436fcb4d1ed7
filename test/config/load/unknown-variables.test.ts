import { expect, it } from 'vitest';
import { formatProblem } from '../../../src/config/file/problem.ts';
import { loadEnv, MINIMAL, noticesOf } from '../support.ts';

const noticesWith = (env: Readonly<Record<string, string>>) => noticesOf(MINIMAL, { env });

it.each([
  ['LOGLEVEL', 'did you mean ANTHROPIC_WORK_EXPORTER_LOG_LEVEL?'],
  ['LISTNE', 'did you mean ANTHROPIC_WORK_EXPORTER_LISTEN?'],
])('a misspelt variable of the exporter is told: %s', async (end, remedy) => {
  const name = `ANTHROPIC_WORK_EXPORTER_${end}`;
  expect(await noticesWith({ [name]: 'x' })).toEqual([
    `${name}: is set, and the exporter reads no variable of this name; ${remedy}`,
  ]);
});

it('one that is like none is told those that there are', async () => {
  const [notice] = await noticesWith({ ANTHROPIC_WORK_EXPORTER_COLOUR_OF_THE_STATUS_PAGE: 'x' });
  for (const name of ['CONFIG', 'LISTEN', 'SHARD', 'LOG_LEVEL', 'LOG_FORMAT'])
    expect(notice).toContain(`ANTHROPIC_WORK_EXPORTER_${name}`);
});

it('is told where there is no file, too', async () => {
  const key = { ANTHROPIC_ENVIRONMENT_ID: 'env_1', ANTHROPIC_ENVIRONMENT_KEY: 'k' };
  const loaded = await loadEnv({ ...key, ANTHROPIC_WORK_EXPORTER_LOGLEVEL: 'debug' });
  expect(loaded.ok && loaded.notices.map(formatProblem).join()).toContain('did you mean ANTHROPIC_WORK_EXPORTER_LOG_');
});

it.each([
  'ANTHROPIC_WORK_EXPORTER_REVISION',
  'ANTHROPIC_WORK_EXPORTER_SERVICE_HOST',
  'ANTHROPIC_WORK_EXPORTER_SERVICE_PORT_HTTP',
  'ANTHROPIC_WORK_EXPORTER_PORT',
  'ANTHROPIC_WORK_EXPORTER_PORT_9877_TCP_ADDR',
  'ANTHROPIC_WORK_EXPORTER_',
  'ANTHROPIC_WORK_EXPORTERS',
  'ANTHROPIC_MODEL',
])('is not said of %s, which others read or set', async (name) => {
  expect(await noticesWith({ [name]: 'x' })).toEqual([]);
});

it('is not said of one that the file names', async () => {
  const yaml = `api: {api_key: "\${ANTHROPIC_WORK_EXPORTER_KEY}"}\nenvironments: [{id: env_1, environment_key: e}]\n`;
  expect(await noticesOf(yaml, { env: { ANTHROPIC_WORK_EXPORTER_KEY: 'k' } })).toEqual([]);
});

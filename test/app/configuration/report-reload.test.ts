import { describe, expect, it } from 'vitest';
import { reportReload } from '../../../src/app/configuration/report-reload.ts';
import type { LogFields, Logger } from '../../../src/base/logger.ts';
import { outsideFiles, type Problem } from '../../../src/config/file/problem.ts';
import { CONFIG_PATH, configOf } from '../../config/support.ts';

const NOTHING = { added: [], removed: [], changed: [], unchanged: 1, newKeys: [], lostKeys: [] };
const LOADED = {
  level: 'info',
  message: 'configuration is in force',
  event: 'config.loaded',
  config: `file ${CONFIG_PATH}`,
  added: 0,
  removed: 0,
  changed: 0,
  unchanged: 1,
  notices: [] as readonly string[],
};
const REPLACED = { level: 'info', message: 'a key was replaced', event: 'secret.reloaded' };

function next(...options: readonly string[]): LogFields {
  const message = 'some options take effect at the next start only';
  return { level: 'warn', message, event: 'config.loaded', options, remedy: 'Restart the exporter.' };
}

async function linesOf(
  before: string,
  after: string,
  difference: Partial<typeof NOTHING> = {},
  notices: readonly Problem[] = [],
): Promise<LogFields[]> {
  const lines: LogFields[] = [];
  const line = (level: string) => (fields: LogFields, message: string) => lines.push({ level, message, ...fields });
  const logger: Logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  const configurations = { before: await yaml(before), after: await yaml(after) };
  reportReload(logger, { ...configurations, difference: { ...NOTHING, ...difference }, notices });
  return lines;
}

function yaml(options: string) {
  return configOf(
    `environments: [{id: env_1}]\n${options.includes('api_key') ? '' : 'api: {api_key: one}\n'}${options}`,
    {
      files: { '/run/state.json': '' },
    },
  );
}

describe('the log of a reload', () => {
  it('a reload that changes nothing says so in the log', async () => {
    expect(await linesOf('', '')).toEqual([LOADED]);
  });

  it('says what may not be meant, as the first line of the process does', async () => {
    const notice = { ...outsideFiles('discovery.include'), what: 'begins with !', remedy: 'leave it out' };
    expect(await linesOf('', '', {}, [notice])).toEqual([
      { ...LOADED, notices: ['discovery.include: begins with !; leave it out'] },
    ]);
  });

  it('a reload says in the log how many environments came, left and changed', async () => {
    const difference = { added: ['a', 'b', 'c'], removed: ['d', 'e'], changed: ['f'], unchanged: 7 };
    const counts = { added: 3, removed: 2, changed: 1, unchanged: 7 };
    expect(await linesOf('', '', difference as never)).toEqual([{ ...LOADED, ...counts }]);
  });

  it('names the environments whose keys were replaced or are gone', async () => {
    const gone = { level: 'warn', message: 'a key is gone', event: 'secret.reloaded', environment_id: 'env_3' };
    const replaced = ['env_1', 'env_2'].map((environment_id) => ({ ...REPLACED, environment_id }));
    const difference = { newKeys: ['env_1', 'env_2'], lostKeys: ['env_3'] };
    expect(await linesOf('', '', difference as never)).toEqual([LOADED, ...replaced, gone]);
  });

  it.each([
    ['another API key', 'api: {api_key: one}', 'api: {api_key: two}', [{ ...REPLACED, connection: 'default' }]],
    [
      'another host',
      'server: {listen: "127.0.0.1:9877"}',
      'server: {listen: "127.0.0.2:9877"}',
      [next('server.listen')],
    ],
    ['another port', 'server: {listen: ":9877"}', 'server: {listen: ":9878"}', [next('server.listen')]],
    ['another state file', '', 'state_file: /run/state.json', [next('state_file')]],
    ['another level', '', 'log: {level: debug}', [next('log')]],
    ['another format', 'log: {format: text}', 'log: {format: json}', [next('log')]],
    [
      'all of these',
      '',
      'state_file: /run/state.json\nlog: {level: debug}\nserver: {listen: ":1"}',
      [next('server.listen', 'state_file', 'log')],
    ],
    ['an option that needs no restart', '', 'poll: {stats_interval: 20s}', []],
  ])('says what takes effect, and when: %s', async (_what, before, after, expected) => {
    expect(await linesOf(before, after)).toEqual([LOADED, ...expected]);
  });
});

import { expect, it } from 'vitest';
import { firstCommand, runbookNames } from '../../../../src/server/page/view/first-command.ts';
import { placeholdersIn } from '../../../alerts/runbooks/runbook-steps.ts';

const here = { id: 'env_prod', exporter: 'https://exporter.test:9876' };

it('a command that the reader would have to complete is not offered as ready', () => {
  const commands = runbookNames().flatMap((alert) => firstCommand(alert, here) ?? []);
  expect(commands).not.toEqual([]);
  for (const command of commands) {
    expect(placeholdersIn(command)).toEqual([]);
    expect(command).not.toContain('$');
  }
});

it.each([
  [
    'names the environment and the exporter',
    here,
    expect.stringMatching(/^curl -fsS https:\/\/exporter\.test:9876\/api\/v1\/environments\/env_prod \| jq /),
  ],
  ['is left out for an id that a shell would not take as it is', { ...here, id: 'env_1; rm -rf x' }, null],
  ['is left out for an address that a shell would not take as it is', { ...here, exporter: 'http://$(id)' }, null],
])('a command %s', (_case, place, command) => {
  expect(firstCommand('AnthropicWorkNoWorkers', place)).toEqual(command);
});

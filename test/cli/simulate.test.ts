import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exitFor } from '../../src/cli/command/exit-for.ts';
import type { CliIo } from '../../src/cli/command/io.ts';
import { loadText } from '../../src/cli/command/text-configuration.ts';
import { simulateCommand } from '../../src/cli/simulate.ts';
import { PROVIDERS } from '../../src/wire/presets.ts';
import { SILENT_IO } from '../support/silent-io.ts';

interface Run {
  readonly out: string;
  readonly url: string;
}

/** Runs the command with these arguments; what it started ends with the test. */
async function simulate(...args: string[]): Promise<Run> {
  let out = '';
  const io: CliIo = {
    ...SILENT_IO,
    stdout: (text) => {
      out += text;
    },
    onStop: (run) => onTestFinished(run),
  };
  const command = simulateCommand(io)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  await command.parseAsync(['--listen', '127.0.0.1:0', ...args], { from: 'user' });
  return { out, url: /http:\/\/127\.0\.0\.1:\d+/.exec(out)![0] };
}

/** The exit code of a run that fails. */
const exitOf = (run: Promise<unknown>) =>
  run.then(
    () => 0,
    (error: unknown) => exitFor(error).code,
  );

describe('simulate', () => {
  it('says where it is, what happens and what to see', async () => {
    const { out, url } = await simulate('--scenario', 'no-workers');
    expect(out).toContain('no worker polls');
    expect(out).toContain('AnthropicWorkNoWorkers');
    const truth = await (await fetch(`${url}/_sim/truth`)).json();
    expect(truth).toMatchObject({ scenario: 'no-workers' });
  });

  it.each(PROVIDERS)('prints a configuration for %s that the exporter accepts', async (provider) => {
    const { out, url } = await simulate('--preset', provider, '--environments', '2');
    // The whole output, as `simulate > FILE` saves it.
    const loaded = await loadText('the simulator', out, {})();
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    expect(loaded.config.connections).toMatchObject([{ provider, baseUrl: url }]);
    expect(loaded.config.environments.map(({ environment }) => environment.name)).toEqual(['prod', 'staging']);
  });

  it('--json: one object on the first line', async () => {
    const { out, url } = await simulate('--json', '--seed', '7');
    expect(JSON.parse(out.split('\n')[0]!)).toEqual({
      simulator: url,
      exporter: null,
      api_key: expect.stringMatching(/^sk-ant-api03-sim-/),
      environments: ['prod', 'staging', 'batch'].map((name) => ({
        id: `env_sim_${name}`,
        name,
        environment_key: expect.stringMatching(/^sk-ant-oat01-sim-/),
      })),
    });
    expect((await simulate('--json', '--seed', '8')).out).not.toContain(JSON.parse(out).api_key);
  });

  it.each([
    ['--scenario', 'none'],
    ['--preset', 'none'],
    ['--listen', 'nowhere'],
    ['--seed', 'x'],
    ['--speed', '0'],
    ['--environments', '0'],
    ['--unknown', '1'],
  ])('%s %s is a usage error', async (option, value) => {
    expect(await exitOf(simulate(option, value))).toBe(2);
  });

  it('a taken port ends with 3', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    expect(await exitOf(simulate('--listen', `127.0.0.1:${port}`))).toBe(3);
  });
});

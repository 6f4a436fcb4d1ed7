import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shippedSettings } from '../../bench/shipped-settings.ts';
import { TestFolder } from '../cli/files.ts';
import { configOf } from '../config/support.ts';
import { ROOT, runProgram, startCommand } from '../support/processes.ts';
import { configurationOf, simulatedApi } from '../support/simulated-api.ts';

const FOLDER = join(ROOT, 'deploy/systemd');
const NAME = 'anthropic-work-exporter.service';
const unit = readFileSync(join(FOLDER, NAME), 'utf8');

/** What `systemd-analyze` says of a unit, which it reads from a file of this name. */
function analyze(args: readonly string[], text: string) {
  using folder = new TestFolder();
  return spawnSync('systemd-analyze', [...args, folder.write(NAME, text)], { encoding: 'utf8' });
}

describe('the unit', () => {
  it('has no setting that systemd does not know', () => {
    const here = unit.replaceAll('/usr/bin/node', process.execPath);
    const { status, stdout, stderr } = analyze(['verify', '--man=no'], here);
    expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
    expect(analyze(['verify', '--man=no'], here.replace('PrivateTmp', 'PrivatTmp')).stderr).toContain('PrivatTmp');
  });

  it('leaves systemd little to complain of', () => {
    const { stdout } = analyze(['security', '--offline=true', '--no-pager'], unit);
    const score = Number(/Overall exposure level[^:]*: ([\d.]+)/.exec(stdout)?.[1]);
    expect(score).toBeGreaterThan(0);
    // Each release of systemd rates a little differently; an unprotected service gets 9.6.
    expect(score).toBeLessThanOrEqual(1.8);
  });

  it('has the settings of memory of the image', () => {
    const settings = /^Environment=(.*)$/m
      .exec(unit)![1]!
      .split(' ')
      .map((setting) => setting.split(/=(.*)/).slice(0, 2));
    expect(Object.fromEntries(settings)).toEqual(shippedSettings());
  });

  it('reloads without ending a service that has only just been started', async () => {
    using folder = new TestFolder();
    await using api = await simulatedApi();
    const config = folder.write('config.yaml', configurationOf(api));
    const [, script] = /^ExecReload=\/bin\/sh -c '([^']*)'$/m.exec(unit)!;
    await using serve = startCommand(['serve', '--config', config, '--listen', '127.0.0.1:0']);
    // What systemd hands to it. The program is just being loaded: a signal now would end it.
    const reload = await runProgram('/bin/sh', ['-c', script!], { env: { MAINPID: String(serve.pid) } });
    expect(reload).toMatchObject({ code: 0, stderr: '' });
    await serve.saw(/"event":"config\.loaded"/);
  });

  it('does not start again what cannot start: a wrong configuration, an old Node, a taken address', () => {
    expect(unit).toMatch(/^RestartPreventExitStatus=2 3$/m);
  });

  it('reads its key from the credential that systemd hands it, and writes below its own directory', async () => {
    const text = readFileSync(join(FOLDER, 'exporter.yaml'), 'utf8');
    const directory = `/run/credentials/${NAME}`;
    const names = [...unit.matchAll(/^LoadCredential=([\w-]+):/gm)].map(([, name]) => name!);
    const files = Object.fromEntries(names.map((name) => [`${directory}/${name}`, 'a-key']));
    const config = await configOf(text, { files });
    expect(names).toEqual(['api-key']);
    expect(config.connections).toMatchObject([{ apiKey: {} }]);
    const state = /^StateDirectory=(.*)$/m.exec(unit)?.[1];
    expect(config.stateFile).toBe(`/var/lib/${state}/state.json`);
    expect(config.discovery.environmentKeysDir).toBe(directory);
  });
});

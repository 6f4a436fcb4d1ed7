import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand, startCommand } from '../support/processes.ts';
import { configurationOf, simulatedApi } from '../support/simulated-api.ts';
import { TestFolder } from './files.ts';

/** Code that a process runs before its own. */
const before = (code: string) => ({
  env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` },
});
/** A signal at the first thing that the program does after its own first lines: nothing of it is loaded yet. */
const atStart = (...signals: readonly NodeJS.Signals[]) =>
  before(`
  process.getBuiltinModule('module').enableCompileCache = () => {
    for (const signal of ${JSON.stringify(signals)}) process.kill(process.pid, signal);
  };
`);
const HANG_UP_AT_START = atStart('SIGHUP');

/** A signal as soon as the program takes it: nothing of the command is loaded yet. */
const STOP_AT_START = before(`
  const { on } = process;
  process.on = function (name, listener) {
    on.call(this, name, listener);
    if (name === 'SIGTERM') process.emit(name, name);
    return this;
  };
`);

async function serving(folder: TestFolder, options = {}) {
  const api = await simulatedApi();
  const config = folder.write('config.yaml', configurationOf(api));
  const serve = startCommand(['serve', '--config', config, '--listen', '127.0.0.1:0'], options);
  const url = (await serve.saw(/"url":"([^"]+)"/))[1]!;
  const stack = new AsyncDisposableStack();
  stack.use(api);
  stack.use(serve);
  return { serve, url, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

it('ends on SIGTERM while every thread of Node waits for a disk, and keeps what it compiled', async () => {
  using folder = new TestFolder();
  const pipe = join(folder.path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const hang = `for (let n = 0; n < 8; n++) process.getBuiltinModule('fs').open(${JSON.stringify(pipe)}, () => {});`;
  // The threads are taken once it serves, since the start needs them for the state of its own modules.
  const once = `process.on('SIGUSR2', () => { ${hang} process.kill(process.pid, 'SIGTERM'); });`;
  const compiled = join(folder.path, 'compiled');
  const env = { ...before(once).env, NODE_COMPILE_CACHE: compiled };
  await using running = await serving(folder, { env });
  running.serve.kill('SIGUSR2');
  const { code, signal } = await running.serve.exit;
  expect({ code, signal }).toEqual({ code: 0, signal: null });
  const kept = readdirSync(compiled, { recursive: true, withFileTypes: true });
  expect(kept.filter((entry) => entry.isFile())).not.toEqual([]);
});

/** A server that cuts no client off. */
const NO_CUT = before(`process.getBuiltinModule('http').Server.prototype.closeAllConnections = () => {};`);

it.each([
  { how: 'although a client does not finish its request', options: {}, said: false },
  { how: 'and says so, while a client cannot be cut off', options: NO_CUT, said: true },
])('ends on SIGTERM, $how', async ({ options, said }) => {
  using folder = new TestFolder();
  await using running = await serving(folder, options);
  const { hostname, port } = new URL(running.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write('POST /-/reload HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n');
  await new Promise((resolve) => socket.once('connect', resolve));
  await fetch(`${running.url}/-/healthy`);
  running.serve.kill('SIGTERM');
  const { code, stderr } = await running.serve.exit;
  expect(code).toBe(0);
  expect(stderr.includes('some tasks did not end within 4.5 s of the signal')).toBe(said);
});

it('a hang-up while serve starts is a reload once it runs', async () => {
  using folder = new TestFolder();
  await using running = await serving(folder, HANG_UP_AT_START);
  await running.serve.saw(/"event":"config\.loaded"/);
  const text = await (await fetch(`${running.url}/-/healthy`)).text();
  expect(text).not.toBe('');
});

it('a hang-up ends a command that does not reload', async () => {
  await using simulate = startCommand(['simulate', '--listen', '127.0.0.1:0'], HANG_UP_AT_START);
  expect(await simulate.exit).toMatchObject({ code: null, signal: 'SIGHUP' });
});

it.each(['once', 'check', 'check --live', 'schema', 'rules', 'dashboards'])(
  '%s ends with 1 when a signal comes while it is loaded',
  async (command) => {
    using folder = new TestFolder();
    const config = folder.write('config.yaml', { environments: [{ id: 'env_a', environment_key: 'k' }] });
    const options = /once|check/.test(command) ? ['--config', config] : [];
    const { code, stdout, stderr } = await runCommand([...command.split(' '), ...options], STOP_AT_START);
    const said = 'interrupted before there was a result; run it again\n';
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: said });
  },
);

it.each(['serve', 'simulate', 'demo', 'drill', ''])(
  '"%s" ends with 0 when a signal comes while it is loaded, as later',
  async (command) => {
    const { code, stderr } = await runCommand(command === '' ? [] : [command], STOP_AT_START);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  },
);

it.each([
  ['SIGTERM'],
  ['SIGINT'],
  ['SIGQUIT'],
  ['SIGUSR2', 'SIGTERM'],
  ['SIGHUP', 'SIGTERM'],
  ['SIGTERM', 'SIGHUP'],
  ['SIGINT', 'SIGTERM'],
] as const)('%s %s before the program is loaded end serve with 0, and nothing is left', async (...signals) => {
  using folder = new TestFolder();
  const options = { environments: [{ id: 'env_a', environment_key: 'k' }], state_file: join(folder.path, 'state') };
  const config = folder.write('config.yaml', options);
  const ended = await runCommand(['serve', '--config', config], atStart(...signals));
  expect(ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  expect(readdirSync(folder.path)).toEqual(['config.yaml']);
});

it('a configuration that cannot be read ends the start with 2, whatever it is', async () => {
  using folder = new TestFolder();
  const pipe = join(folder.path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const path of [pipe, folder.path, '/dev/null']) {
    await using serve = startCommand(['serve', '--config', path]);
    const { code, stderr } = await serve.exit;
    expect(code).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`^${path}: the configuration file is a .*, not a regular file; (?:save the content|name a file)`),
    );
  }
});

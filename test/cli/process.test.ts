import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { parseExposition } from '../support/exposition-parser.ts';
import { BUILT_MAIN, runCommand, runProgram, startCommand } from '../support/processes.ts';
import { configurationOf, keysOf, PROD, simulatedApi } from '../support/simulated-api.ts';
import { waitForExpected } from '../support/wait-until.ts';
import { TestFolder } from './files.ts';

const start = (...args: string[]) => startCommand(args);

/** A server that holds a port of loopback: `await using`. */
async function takenPort(onConnection: (socket: Socket) => void = () => {}) {
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

const introduction = z.strictObject({
  simulator: z.url(),
  exporter: z.url().nullable(),
  api_key: z.string().min(20),
  environments: z
    .array(z.strictObject({ id: z.string(), name: z.string(), environment_key: z.string().min(20) }))
    .length(3),
});

it.each(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)(
  'serve ends with 0 on %s, also while the API hangs',
  async (signal) => {
    await using api = await simulatedApi();
    api.setFaults([{ kind: 'hang' }]);
    using folder = new TestFolder();
    const config = folder.write('config.yaml', configurationOf(api));
    await using serve = start('serve', '--config', config, '--listen', '127.0.0.1:0');
    await serve.saw(/"url":"([^"]+)"/);
    serve.kill(signal);
    const { code, stdout, stderr } = await serve.exit;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event);
    expect([events[0], events.at(-1)]).toEqual(['exporter.listening', 'exporter.stopping']);
    for (const key of keysOf(api)) expect(stderr).not.toContain(key);
  },
);

it('a proxy that speaks SOCKS, which is experimental in Node, writes no line of its own', async () => {
  await using taken = await takenPort((socket) => socket.destroy());
  const { code, stdout, stderr } = await runCommand(['check', '--live'], {
    env: {
      HTTPS_PROXY: `socks5://127.0.0.1:${taken.port}`,
      ANTHROPIC_BASE_URL: 'https://192.0.2.1',
      ANTHROPIC_ENVIRONMENT_ID: 'env_1',
      ANTHROPIC_API_KEY: 'k'.repeat(20),
    },
  });
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toMatch(/env_1 +stats .* unreachable /);
});

it('serve is the default command, and ends at once on a second signal', async () => {
  await using api = await simulatedApi();
  using folder = new TestFolder();
  const config = folder.write('config.yaml', configurationOf(api));
  await using serve = start('--config', config, '--listen', '127.0.0.1:0');
  const url = (await serve.saw(/"url":"([^"]+)"/))[1]!;
  // A request that never ends holds the drain up.
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write('POST /-/reload HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n');
  await new Promise((resolve) => socket.once('connect', resolve));
  await fetch(`${url}/-/healthy`);
  serve.kill('SIGTERM');
  await serve.saw(/exporter\.stopping/);
  serve.kill('SIGTERM');
  expect((await serve.exit).code).toBe(1);
});

it('serve opens no debugger on SIGUSR1 and SIGUSR2, reloads on SIGHUP, and goes on when nobody reads its log', async () => {
  await using api = await simulatedApi();
  using folder = new TestFolder();
  const config = folder.write('config.yaml', configurationOf(api));
  await using serve = start('serve', '--config', config, '--listen', '127.0.0.1:0');
  const url = (await serve.saw(/"url":"([^"]+)"/))[1]!;
  serve.kill('SIGUSR1');
  serve.kill('SIGUSR2');
  folder.write('config.yaml', { ...configurationOf(api), environments: [{ id: PROD }] });
  serve.kill('SIGHUP');
  await serve.saw(/"event":"config\.loaded".*"removed":2/);
  expect(serve.stderr).not.toMatch(/debugger|inspector/i);
  serve.closeStderr();
  expect((await fetch(`${url}/-/reload`, { method: 'POST' })).status).toBe(200);
});

it('serve ends with 3 when its port is taken, and says what to do', async () => {
  await using api = await simulatedApi();
  await using taken = await takenPort();
  using folder = new TestFolder();
  const config = folder.write('config.yaml', configurationOf(api));
  const { code, stdout, stderr } = await runCommand([
    'serve',
    '--config',
    config,
    '--listen',
    `127.0.0.1:${taken.port}`,
  ]);
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toContain(`127.0.0.1:${taken.port}`);
  expect(stderr).toContain('--listen');
});

it('once ends well when its reader has seen enough', async () => {
  await using api = await simulatedApi();
  using folder = new TestFolder();
  const config = folder.write('config.yaml', configurationOf(api));
  await using once = start('once', '--config', config);
  once.closeStdout();
  const { code, stderr } = await once.exit;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

it.each(['once', 'check --live'])('%s ends with 1 when a signal comes before its result', async (command) => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  await using api = await takenPort((socket) => {
    socket.resume();
    resolve();
  });
  using folder = new TestFolder();
  const environments = [{ id: 'env_a', environment_key: `sk-ant-oat01-${'a'.repeat(40)}` }];
  const config = folder.write('config.yaml', { api: { base_url: `http://127.0.0.1:${api.port}` }, environments });
  await using reading = start(...command.split(' '), '--config', config);
  await asked;
  reading.kill('SIGTERM');
  const { code, stdout, stderr } = await reading.exit;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('interrupted before everything was read');
});

it('a full disk is named where the output goes', async () => {
  const args = ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, BUILT_MAIN, 'rules'];
  const { code, stderr } = await runProgram('sh', args);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'cannot write the output: ENOSPC: no space left on device, write; free some space, or write it elsewhere\n',
  });
});

it('demo shows three environments in motion, on the next free port, without the proxy, and ends with Ctrl-C', async () => {
  await using taken = await takenPort();
  const env = { HTTP_PROXY: 'http://127.0.0.1:1' };
  await using demo = startCommand(['demo', '--json', '--listen', `127.0.0.1:${taken.port}`], { env });
  const [line] = await demo.saw(/^.*\n/, 'stdout');
  const { exporter, simulator, environments } = introduction.parse(JSON.parse(line));
  expect(Number(new URL(exporter!).port)).toBeGreaterThan(taken.port);
  expect((await fetch(`${simulator}/_sim/truth`)).status).toBe(200);
  await waitForExpected(async () => {
    const families = parseExposition(await (await fetch(`${exporter}/metrics`)).text(), 'prometheus');
    const shown = families.find(({ name }) => name === 'anthropic_work_items')?.samples ?? [];
    const ids = environments.map(({ id }) => id).toSorted();
    expect([...new Set(shown.map(({ labels }) => labels.environment_id))].toSorted()).toEqual(ids);
  });
  demo.kill('SIGINT');
  const { code, stdout } = await demo.exit;
  expect({ code, stdout }).toEqual({ code: 0, stdout: line });
});

it('demo tells a person what to open', async () => {
  await using demo = start('demo', '--listen', '127.0.0.1:0');
  const [text] = await demo.saw(/^[\s\S]*Ctrl-C ends both\.\n/, 'stdout');
  expect(text).toMatch(/Exporter: +http:\/\/127\.0\.0\.1:\d+/);
  expect(text).toMatch(/Simulator: +http:\/\/127\.0\.0\.1:\d+/);
  expect(text).toContain('/metrics');
});

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

/** A signal as soon as the program takes it: nothing of the command is loaded yet. */
const STOP_AT_START = before(`
  const { on } = process;
  process.on = function (name, listener) {
    on.call(this, name, listener);
    if (name === 'SIGTERM') process.emit(name, name);
    return this;
  };
`);

it.each(['once', 'rules', 'serve', ''])(
  '"%s" ends with 0, or 1 without its result, when a signal comes while it is loaded',
  async (command) => {
    const printing = ['once', 'rules'].includes(command);
    const ended = await runCommand(command === '' ? [] : [command], STOP_AT_START);
    const said = printing ? 'interrupted before there was a result; run it again\n' : '';
    expect(ended).toEqual({ code: printing ? 1 : 0, signal: null, stdout: '', stderr: said });
  },
);

it.each([['SIGTERM'], ['SIGHUP', 'SIGTERM'], ['SIGINT', 'SIGTERM']] as const)(
  '%s %s before the program is loaded end serve with 0, and nothing is left',
  async (...signals) => {
    using folder = new TestFolder();
    const options = { environments: [{ id: 'env_a', environment_key: 'k' }], state_file: join(folder.path, 'state') };
    const config = folder.write('config.yaml', options);
    const ended = await runCommand(['serve', '--config', config], atStart(...signals));
    expect(ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(readdirSync(folder.path)).toEqual(['config.yaml']);
  },
);

it('a hang-up during the start is a reload once serve runs, and ends a command that does not reload', async () => {
  await using api = await simulatedApi();
  using folder = new TestFolder();
  const config = folder.write('config.yaml', configurationOf(api));
  await using serve = startCommand(['serve', '--config', config, '--listen', '127.0.0.1:0'], atStart('SIGHUP'));
  await serve.saw(/"event":"config\.loaded"/);
  await using simulate = startCommand(['simulate', '--listen', '127.0.0.1:0'], atStart('SIGHUP'));
  expect(await simulate.exit).toMatchObject({ code: null, signal: 'SIGHUP' });
});

it('ends on SIGTERM while every thread of Node waits for a disk, and keeps what it compiled', async () => {
  await using api = await simulatedApi();
  using folder = new TestFolder();
  const pipe = join(folder.path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const hang = `for (let n = 0; n < 8; n++) process.getBuiltinModule('fs').open(${JSON.stringify(pipe)}, () => {});`;
  // The threads are taken once it serves, since the start needs them for the state of its own modules.
  const once = `process.on('SIGUSR2', () => { ${hang} process.kill(process.pid, 'SIGTERM'); });`;
  const compiled = join(folder.path, 'compiled');
  const env = { ...before(once).env, NODE_COMPILE_CACHE: compiled };
  const config = folder.write('config.yaml', configurationOf(api));
  await using serve = startCommand(['serve', '--config', config, '--listen', '127.0.0.1:0'], { env });
  await serve.saw(/"url"/);
  serve.kill('SIGUSR2');
  expect(await serve.exit).toMatchObject({ code: 0, signal: null });
  const kept = readdirSync(compiled, { recursive: true, withFileTypes: true });
  expect(kept.filter((entry) => entry.isFile())).not.toEqual([]);
});

it('a configuration that cannot be read ends the start with 2, whatever it is', async () => {
  using folder = new TestFolder();
  const pipe = join(folder.path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const path of [pipe, folder.path]) {
    const { code, stderr } = await runCommand(['serve', '--config', path]);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`^${path}: the configuration file is a .*, not a regular file; `));
  }
});

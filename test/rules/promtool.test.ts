import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TestProcess } from '../support/processes.ts';
import { waitUntil } from '../support/wait-until.ts';
import { runTool } from './support/promtool.ts';

it('gives what the tool says and whether it was content', async () => {
  expect(await runTool('promtool', ['--version'])).toMatchObject({
    ok: true,
    stdout: expect.stringContaining('promtool'),
  });
  expect(await runTool('promtool', ['check', 'rules', '/nowhere'])).toMatchObject({
    ok: false,
    output: expect.stringContaining('/nowhere'),
  });
});

it('ends the tool when whoever runs it is killed', async () => {
  const asking: Socket[] = [];
  // Nobody answers: promtool would ask for minutes.
  const server = createServer((socket) => asking.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const support = join(import.meta.dirname, 'support/promtool.ts');
  const script = `import { runTool } from ${JSON.stringify(support)};
await runTool('promtool', ['query', 'instant', 'http://127.0.0.1:${port}', 'up']);`;
  const suite = new TestProcess(process.execPath, ['--input-type=module', '--eval', script]);
  await waitUntil(() => asking.length > 0, { what: 'promtool to ask' });
  const ended = new Promise<void>((resolve) =>
    asking[0]!
      .on('error', () => {})
      .on('close', () => resolve())
      .resume(),
  );
  suite.kill('SIGKILL');
  await ended;
  server.close();
});

import { expect, it } from 'vitest';
import { startCommand } from '../support/processes.ts';
import { configurationOf, simulatedApi } from '../support/simulated-api.ts';
import { TestFolder } from './files.ts';

/** Says which flags V8 is given by the program, and still gives them. */
const TELL_FLAGS = `
const v8 = process.getBuiltinModule('v8');
const { setFlagsFromString } = v8;
v8.setFlagsFromString = (flags) => {
  process.getBuiltinModule('fs').writeSync(2, 'V8 is given ' + flags + '\\n');
  setFlagsFromString(flags);
};`;

it('serve tells V8 how to collect garbage once it listens, and not before, when Node would compile its own modules anew', async () => {
  using folder = new TestFolder();
  await using api = await simulatedApi();
  const config = folder.write('config.yaml', configurationOf(api));
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(TELL_FLAGS)}` };
  await using serve = startCommand(['serve', '--config', config, '--listen', '127.0.0.1:0'], { env });
  await serve.saw(/"event":"exporter.listening"/);
  // A reload waits until the start is over: what has not been said before it, the start did not say.
  serve.kill('SIGHUP');
  const [said] = await serve.saw(/^[\s\S]*"exporter.listening"[\s\S]*"config.loaded"/);
  const order = said.match(/"exporter.listening"|V8 is given .*|"config.loaded"/g)?.slice(-5);
  expect(order).toEqual([
    '"exporter.listening"',
    'V8 is given --heap-growing-percent=25',
    'V8 is given --no-parallel-scavenge',
    'V8 is given --no-allocation-site-pretenuring',
    '"config.loaded"',
  ]);
  expect(said.match(/V8 is given/g)).toHaveLength(3);
});

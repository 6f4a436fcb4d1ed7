import { answered, configuration, median, startApi, startExporter } from './processes.ts';
import type { Figures } from './run.ts';

const STARTS = 7;

/** From the start of the process to the end of the first whole `/metrics`. */
export async function measureStart(): Promise<Figures> {
  const api = await startApi();
  const took: number[] = [];
  for (let run = 0; run < STARTS; run++) {
    const path = configuration({ api: api.port, environments: 1, poll: {} });
    const begun = performance.now();
    const { child, port } = await startExporter(path);
    await answered(child, port);
    took.push((performance.now() - begun) / 1000);
    child.kill('SIGKILL');
  }
  api.child.disconnect();
  return { 'start to the first /metrics': [median(took)] };
}

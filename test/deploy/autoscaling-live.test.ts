import { beforeAll, describe, expect, it } from 'vitest';
import { RunningApp } from '../app/running-app.ts';
import { runProgram } from '../support/processes.ts';
import { LivePrometheus } from '../support/prometheus.ts';
import { configurationOf, simulatedApi } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { buildTools } from '../tools/build-tools.ts';
import { KEDA } from '../tools/go-tools.ts';
import { cachedTool } from '../tools/tool-cache.ts';
import { ID, QUERIES, recipe, recipePath } from './autoscaling-recipes.ts';

const TIMEOUT_MS = 480_000;
/** Workers that run while KEDA asks: more than the recipes' `fallback.replicas`. */
const RUNNING = 5;
const WAITING = 3;

/** KEDA's own scalers as a library, by hand: `AUTOSCALERS=keda`. */
const WITH_KEDA = process.env.AUTOSCALERS === 'keda';
const KEDA_RECIPES = ['keda-metrics-api.yaml', 'keda-prometheus.yaml'] as const;

/** What KEDA makes of one look, as test/tools/keda prints it. */
interface KedaLook {
  readonly error?: string;
  readonly active: boolean;
  readonly replicas?: number;
  readonly fallback: boolean;
}

/** Asks as often as a recipe lets it fail, and once more. */
async function askKeda(name: (typeof KEDA_RECIPES)[number], address: string): Promise<readonly KedaLook[]> {
  const times = recipe(name).spec.fallback.failureThreshold + 1;
  const args = [recipePath(name), address, String(RUNNING), String(times)];
  const { code, stdout, stderr } = await runProgram(cachedTool(KEDA), args);
  if (code !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

beforeAll(() => {
  if (WITH_KEDA) buildTools([KEDA], (line) => process.stderr.write(`${line}\n`));
}, 1_800_000);

describe('what an autoscaler gets', () => {
  it('is a number, or an error: nothing to do, work, no key for the list, a blind exporter, none', {
    timeout: TIMEOUT_MS,
  }, async () => {
    await using exporter = new RunningApp();
    const environments = [{ id: ID, name: 'prod' }];
    await using api = await simulatedApi({ scenario: 'idle', clock: exporter.clock, environments });
    exporter.configure(configurationOf(api));
    await exporter.serve();
    await using prometheus = await LivePrometheus.start({ jobs: { exporter: exporter.url } });

    const path = new URL(recipe('keda-metrics-api.yaml').spec.triggers[0].metadata.url).pathname;
    const { valueLocation } = recipe('keda-metrics-api.yaml').spec.triggers[0].metadata;
    const endpoint = async () => {
      const answer = await fetch(`${exporter.url}${path}`).catch(() => null);
      if (answer === null) return 'nothing';
      const body = (await answer.json()) as Record<string, unknown>;
      return answer.ok ? body[valueLocation] : answer.status;
    };
    /** Each query's values; an empty list where it has none. */
    const queries = () =>
      Promise.all(QUERIES.map(async ([, query]) => (await prometheus.query(query)).map(({ value }) => value)));
    const reach = async (expected: number | null | 'nothing', values: readonly number[]) => {
      if (expected !== 'nothing') await exporter.waitUntil(async () => (await endpoint()) === expected);
      expect(await endpoint()).toBe(expected);
      await waitUntil(async () => (await queries()).every((one) => String(one) === String(values)), {
        what: `${values.length === 0 ? 'no value' : values} in Prometheus`,
        timeoutMs: TIMEOUT_MS / 4,
        everyMs: 100,
      });
    };
    const keda = async (expected: (last: KedaLook, all: readonly KedaLook[]) => void) => {
      if (!WITH_KEDA) return;
      for (const name of KEDA_RECIPES) {
        const looks = await askKeda(name, name === 'keda-prometheus.yaml' ? prometheus.url : exporter.url);
        expected(looks.at(-1)!, looks);
      }
    };
    const number = (replicas: number) =>
      keda((last) => {
        expect(last).toEqual({ active: replicas > 0, replicas, fallback: false });
      });
    const fallback = () =>
      keda((last, looks) => {
        // Until then it says nothing, and the HorizontalPodAutoscaler keeps what runs.
        for (const look of looks.slice(0, -1))
          expect(look).toEqual({ error: look.error, active: false, fallback: false });
        expect(last).toEqual({ error: expect.any(String), active: false, replicas: RUNNING, fallback: true });
      });

    await reach(0, [0]);
    await number(0);

    for (let item = 0; item < WAITING; item++) api.enqueue(ID);
    await reach(WAITING, [WAITING]);
    await number(WAITING);

    // An API key alone, which reads no list: what runs is not known.
    exporter.configure(configurationOf(api, { environments }));
    expect((await exporter.reload()).status).toBe(200);
    await reach(null, []);
    await fallback();
    exporter.configure(configurationOf(api));
    expect((await exporter.reload()).status).toBe(200);
    await reach(WAITING, [WAITING]);

    api.setFaults([{ kind: 'status', status: 500, endpoints: ['stats'] }]);
    await exporter.waitUntil(async () => (await endpoint()) === 503);
    // Longer than `stale_after`: until then the last value is true enough for a metric, not for an autoscaler.
    const from = exporter.clock.monotonic();
    await exporter.waitUntil(() => exporter.clock.monotonic() > from + 120_000);
    await reach(503, []);
    await fallback();

    api.setFaults([]);
    await reach(WAITING, [WAITING]);
    await exporter.app.stop();
    await reach('nothing', []);
    await fallback();
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { CachedCluster } from './cached-cluster.ts';

let root: string;
let made: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cached-cluster-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  made = join(root, 'made.yaml');
  writeFileSync(made, 'kind: CustomResourceDefinition');
});

/** A server that counts its questions, in a test run of its own. */
function testRun({ cannotStart = false, isCached = true } = {}) {
  const seen = { starts: 0, ends: 0, asked: [] as string[] };
  const start = async () => {
    seen.starts += 1;
    if (cannotStart) throw new Error('no server');
    return {
      env: { KUBECONFIG: 'kubeconfig' },
      run: (tool: string, args: readonly string[], input = '') => {
        seen.asked.push([tool, ...args, input].join(' '));
        const isThere = !args.includes('nothing');
        return {
          status: isThere ? 0 : 1,
          stdout: `{"answer": ${seen.asked.length}}`,
          stderr: isThere ? '' : 'not found',
        };
      },
      [Symbol.asyncDispose]: async () => {
        seen.ends += 1;
      },
    };
  };
  const places = { kept: isCached ? join(root, 'kept') : null, log: join(root, 'log') };
  return { cluster: new CachedCluster([made], start, places), seen };
}

/** Another test run asks this, and passes if it may. */
async function ask(body: (cluster: CachedCluster) => unknown, options?: Parameters<typeof testRun>[0]) {
  const { cluster, seen } = testRun(options);
  await cluster.test(() => body(cluster))();
  await cluster[Symbol.asyncDispose]();
  return seen;
}

function chart(text: string): string {
  const folder = mkdtempSync(join(root, 'chart-'));
  mkdirSync(join(folder, 'templates'));
  writeFileSync(join(folder, 'templates/deployment.yaml'), text);
  return folder;
}

/** What a test asks first and last. */
interface Questions {
  readonly first?: readonly string[];
  readonly input?: string;
  readonly text?: string;
  readonly last?: readonly string[];
}

function questions({ first = ['create'], input = 'kind: Pod', text = 'kind: Deployment', last = ['get'] }: Questions) {
  return (cluster: CachedCluster) => {
    cluster.kubectl(first, input);
    cluster.run('helm', ['install', 'work', chart(text)]);
    return cluster.kubectl(last).stdout;
  };
}

describe('what is asked of an API server', () => {
  it('is answered by the cache the second time, and no server starts', async () => {
    const answers: unknown[] = [];
    const keep = (cluster: CachedCluster) => answers.push(questions({})(cluster));
    expect(await ask(keep)).toMatchObject({ starts: 1, ends: 1, asked: { length: 3 } });
    expect(await ask(keep)).toMatchObject({ starts: 0, ends: 0, asked: [] });
    expect(answers).toEqual(['{"answer": 3}', '{"answer": 3}']);
  });

  it.each<readonly [string, Questions]>([
    ['another argument at first', { first: ['apply'] }],
    ['another input at first', { input: 'kind: Job' }],
    ['another file of a chart', { text: 'kind: StatefulSet' }],
    ['another question at the end', { last: ['get', 'pods'] }],
  ])('is asked anew, from the first question on, with %s', async (_, other) => {
    await ask(questions({}));
    expect(await ask(questions(other))).toMatchObject({ starts: 1, asked: { length: 3 } });
    expect(await ask(questions(other))).toMatchObject({ starts: 0 });
    expect(await ask(questions({}))).toMatchObject({ starts: 0 });
  });

  it('is asked anew where it is the same but what was asked before is not', async () => {
    await ask((cluster) => [cluster.kubectl(['create']), cluster.kubectl(['get'])]);
    expect(await ask((cluster) => cluster.kubectl(['get']))).toMatchObject({ starts: 1 });
  });

  it('is asked anew of a server that begins with something else', async () => {
    await ask(questions({}));
    writeFileSync(made, 'kind: Namespace');
    expect(await ask(questions({}))).toMatchObject({ starts: 1, asked: { length: 3 } });
  });

  it('is asked anew where a test cannot pass with what the cache has', async () => {
    await ask(questions({}));
    const passes = (cluster: CachedCluster) => expect(questions({})(cluster)).toBe('{"answer": 4}');
    await expect(ask(passes)).rejects.toThrow('{"answer": 4}');
    const { cluster, seen } = testRun();
    await cluster.test(() => cluster.kubectl(['first']))();
    await cluster.test(() => passes(cluster))();
    expect(seen.asked).toHaveLength(4);
  });

  it('is not kept of a test that failed', async () => {
    const fails = (cluster: CachedCluster) => {
      questions({})(cluster);
      throw new Error('the test fails');
    };
    await expect(ask(fails)).rejects.toThrow('the test fails');
    expect(await ask(questions({}))).toMatchObject({ starts: 1 });
  });

  it('is asked anew where a test takes an unknown answer for an error of the server', async () => {
    const isGone = (cluster: CachedCluster) => expect(() => cluster.get('pod', 'nothing', 'default')).toThrow();
    expect(await ask(isGone)).toMatchObject({ starts: 1, asked: { length: 1 } });
    expect(await ask(isGone)).toMatchObject({ starts: 0 });
  });

  it('may be an error, which is kept if the test passes with it', async () => {
    const isGone = (cluster: CachedCluster) =>
      expect(() => cluster.get('pod', 'nothing', 'default')).toThrow('not found');
    await ask(isGone);
    expect(await ask(isGone)).toMatchObject({ starts: 0 });
  });

  it('may be what another client finds with settings', async () => {
    const finds = (job: string, found: string) => (cluster: CachedCluster) =>
      cluster.found('victoria-metrics', { job }, async ({ env }) => `${found} by ${env.KUBECONFIG}`);
    await ask(finds('pods', 'two'));
    let found: unknown;
    expect(await ask(async (cluster) => (found = await finds('pods', 'three')(cluster)))).toMatchObject({ starts: 0 });
    expect(found).toBe('two by kubeconfig');
    expect(await ask(finds('services', 'two'))).toMatchObject({ starts: 1 });
  });

  it('is asked of a server each time without a cache', async () => {
    for (const _ of [1, 2]) expect(await ask(questions({}), { isCached: false })).toMatchObject({ starts: 1 });
  });

  it('fails if a server cannot start, in each test', async () => {
    const { cluster } = testRun({ cannotStart: true });
    for (const _ of [1, 2]) await expect(cluster.test(() => questions({})(cluster))()).rejects.toThrow('no server');
  });

  it('is only asked by its tests', () => {
    const { cluster } = testRun();
    expect(() => cluster.kubectl(['get'])).toThrow('only a test that the CachedCluster runs may ask it');
  });
});

it('one server is there for all tests, and each try of one has a name of its own', async () => {
  const { cluster, seen } = testRun();
  const names: string[] = [];
  const life = cluster.test((fails: boolean) => {
    names.push(cluster.fresh('life'));
    cluster.kubectl(['create', 'namespace', names.at(-1)!]);
    if (fails) throw new Error('the test fails');
  });
  await expect(life(true)).rejects.toThrow('the test fails');
  await life(false);
  await cluster.test(() => names.push(cluster.fresh('state')))();
  expect(names).toEqual(['life-1', 'life-1', 'life-1', 'life-2', 'state-1']);
  expect(seen).toMatchObject({
    starts: 1,
    asked: ['kubectl create namespace life-1 ', 'kubectl create namespace life-2 '],
  });
});

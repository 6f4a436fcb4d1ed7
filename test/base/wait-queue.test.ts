import { expect, it } from 'vitest';
import { WaitQueue } from '../../src/base/wait-queue.ts';

/** The names of those whose turn has come, in order. */
function waiting(queue: WaitQueue, names: readonly string[]): { turns: string[]; aborts: AbortController[] } {
  const turns: string[] = [];
  const aborts = names.map((name) => {
    const abort = new AbortController();
    void queue.wait(abort.signal).then(
      () => turns.push(name),
      (reason) => turns.push(`${name} ${reason}`),
    );
    return abort;
  });
  return { turns, aborts };
}

it('those who wait go on in the order in which they came', async () => {
  const queue = new WaitQueue();
  const { turns } = waiting(queue, ['a', 'b', 'c']);
  queue.releaseFirst();
  queue.releaseFirst();
  await Promise.resolve();
  expect(turns).toEqual(['a', 'b']);
  expect(queue.length).toBe(1);
});

it('whoever gives up takes nobody else with him', async () => {
  const queue = new WaitQueue();
  const { turns, aborts } = waiting(queue, ['a', 'b', 'c']);
  aborts[1]!.abort('gave up');
  expect(queue.length).toBe(2);
  queue.releaseFirst();
  queue.releaseFirst();
  // What is aborted after its turn has had it.
  aborts[0]!.abort('too late');
  await new Promise((resolve) => setImmediate(resolve));
  expect(turns.toSorted()).toEqual(['a', 'b gave up', 'c']);
});

it('tells when somebody gives up, and nobody begins to wait who has given up before', async () => {
  const queue = new WaitQueue();
  const abort = new AbortController();
  let told = 0;
  const waited = queue.wait(abort.signal, () => told++);
  abort.abort(new Error('gone'));
  await expect(waited).rejects.toThrow('gone');
  await expect(queue.wait(abort.signal, () => told++)).rejects.toThrow('gone');
  expect([told, queue.length]).toEqual([1, 0]);
});

it('releasing a queue in which nobody waits does nothing', () => {
  const queue = new WaitQueue();
  queue.releaseFirst();
  expect(queue.length).toBe(0);
});

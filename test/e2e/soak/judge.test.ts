import { describe, expect, it } from 'vitest';
import { judge, type Limits, type Sample, type Watched } from './judge.ts';

const SECOND = 1000;
const LIMITS: Limits = {
  staleAfterMs: { stats: 30 * SECOND, list: 60 * SECOND },
  requestsPerMinute: 30,
};

/** Two minutes of an exporter that tells the truth: a sample a second, three items from the start and one more in the middle. */
function good(): { samples: Sample[]; requests: { at: number; life: number }[] } {
  const samples = Array.from({ length: 120 }, (_, second): Sample => {
    const waiting = second < 60 ? 3 : 4;
    return {
      at: second * SECOND,
      life: second < 80 ? 0 : 1,
      truth: { waiting, counted: counted(waiting) },
      depth: waiting,
      oldestAge: second + 1,
      queued: waiting,
      counted: counted(waiting),
      answeredAt: { stats: second * SECOND, list: second * SECOND },
      descriptors: 25 + (second % 7),
      heapBytes: 30e6 + (second % 10) * 1e6,
      leaks: false,
    };
  });
  const requests = samples.filter((_, second) => second % 3 === 0).map(({ at, life }) => ({ at, life }));
  return { samples, requests };
}

/** What an exporter that is broken on purpose would show, and the verdict. */
const PLANTED: Readonly<Record<string, { change(watched: ReturnType<typeof good>): void; verdict: RegExp }>> = {
  'the age 0 while work waits': {
    change: ({ samples }) => alter(samples, 40, { oldestAge: 0 }),
    verdict: /^40000: oldestAge is 0 while 3 or more waited$/,
  },
  'a depth of 0 while work waits': {
    change: ({ samples }) => alter(samples, 70, { depth: 0 }),
    verdict: /depth is 0 while 3 or more waited$/,
  },
  'no queued items while some are queued': {
    change: ({ samples }) => alter(samples, 119, { queued: 0 }),
    verdict: /queued is 0/,
  },
  'a zero right after a start': {
    change: ({ samples }) => alter(samples, 80, { oldestAge: 0 }),
    verdict: /oldestAge is 0/,
  },
  'an item that is counted twice': {
    change: ({ samples }) => alter(samples, 50, { counted: counted(4) }),
    verdict: /^50000: 4 created of 3$|^51000: the counter of created fell from 4 to 3$/,
  },
  'an item that is counted twice and stays so': {
    change: ({ samples }) => {
      for (let second = 90; second < 120; second++) alter(samples, second, { counted: counted(5) });
    },
    verdict: /5 created of 4$/,
  },
  'an item that is never counted': {
    change: ({ samples }) => {
      for (let second = 60; second < 120; second++) alter(samples, second, { counted: counted(3) });
    },
    verdict: /^at the end 3 created of 4$/,
  },
  'a counter that is gone at the end': {
    change: ({ samples }) => alter(samples, 119, { counted: counted(null) }),
    verdict: /^at the end null created of 4$/,
  },
  'a requeue that never was': {
    change: ({ samples }) => {
      for (let second = 70; second < 120; second++) alter(samples, second, { counted: { ...counted(4), requeued: 1 } });
    },
    verdict: /1 requeued of 0$/,
  },
  'a restart that forgets what was counted': {
    change: ({ samples }) => alter(samples, 80, { counted: counted(0) }),
    verdict: /^80000: the counter of created fell from 4 to 0$/,
  },
  'stats that are shown for too long': {
    change: ({ samples }) => alter(samples, 100, { answeredAt: { stats: 68 * SECOND, list: 100 * SECOND } }),
    verdict: /^100000: (depth|oldestAge) is 32000 ms old$/,
  },
  'a list that is shown for too long': {
    change: ({ samples }) => alter(samples, 100, { answeredAt: { stats: 100 * SECOND, list: 38 * SECOND } }),
    verdict: /^100000: queued is 62000 ms old$/,
  },
  'one request more than the budget': {
    change: ({ requests }) => {
      for (let n = 0; n < 11; n++) requests.splice(1, 0, { at: 0, life: 0 });
    },
    verdict: /process 0 sent more than 30 requests in 60 s$/,
  },
  'a descriptor that is left open now and then': {
    change: ({ samples }) => {
      for (const [second, { descriptors }] of samples.entries()) {
        alter(samples, second, { descriptors: descriptors + Math.floor(second / 2) });
      }
    },
    verdict: /^process [01] leaks descriptors$/,
  },
  'a heap that grows': {
    change: ({ samples }) => {
      for (const [second, { heapBytes }] of samples.entries()) {
        alter(samples, second, { heapBytes: heapBytes + second * 1e6 });
      }
    },
    verdict: /^process 0 leaks memory$/,
  },
  'a key in the log': {
    change: ({ samples }) => alter(samples, 10, { leaks: true }),
    verdict: /^10000: a key is in the output$/,
  },
};

/** Nothing but items that were created. */
function counted<Value extends number | null>(created: Value) {
  return { created, acknowledged: 0, stopped: 0, requeued: 0 };
}

function alter(samples: Sample[], second: number, change: Partial<Sample>): void {
  samples[second] = { ...samples[second]!, ...change };
}

describe('the judge of the soak', () => {
  it('finds nothing in an exporter that tells the truth', () => {
    expect(judge(good(), LIMITS)).toEqual([]);
  });

  it.each(Object.entries(PLANTED))('finds %s, and nothing else', (_title, { change, verdict }) => {
    const watched = good();
    change(watched);
    const found = judge(watched satisfies Watched, LIMITS);
    expect(found).not.toEqual([]);
    for (const one of found) expect(one).toMatch(verdict);
  });

  it.each<[string, Partial<Sample>]>([
    ['absent values', { depth: null, oldestAge: null, queued: null, counted: counted(null) }],
    [
      'a zero when the queue is empty',
      { depth: 0, oldestAge: 0, queued: 0, truth: { waiting: 0, counted: counted(4) } },
    ],
    [
      'absent values long after the last answer',
      { depth: null, oldestAge: null, answeredAt: { stats: 0, list: 99e3 } },
    ],
    [
      'a counter that is behind the truth for a while',
      { counted: counted(3), truth: { waiting: 4, counted: counted(4) } },
    ],
  ])('takes %s for no fault', (_title, change) => {
    const { samples, requests } = good();
    alter(samples, 55, change);
    alter(samples, 55, { counted: counted(samples[55]!.counted.created === null ? null : 3) });
    expect(judge({ samples, requests }, LIMITS)).toEqual([]);
  });

  it('knows that a zero was true a moment ago', () => {
    const { samples, requests } = good();
    alter(samples, 30, { truth: { waiting: 0, counted: counted(3) }, depth: 0, oldestAge: 0, queued: 0 });
    alter(samples, 50, { depth: 0, oldestAge: 0, queued: 0 });
    expect(judge({ samples, requests }, LIMITS)).toEqual([]);
    alter(samples, 64, { depth: 0 });
    expect(judge({ samples, requests }, LIMITS)).toEqual(['64000: depth is 0 while 3 or more waited']);
  });
});

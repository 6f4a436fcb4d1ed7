/** Transitions that are counted. */
export const COUNTED = ['created', 'acknowledged', 'stopped', 'requeued'] as const;
type Counts<Value> = Readonly<Record<(typeof COUNTED)[number], Value>>;

/** What was seen of an exporter at one moment, beside what was true then. Times are real, in ms; null: the series is absent. */
export interface Sample {
  readonly at: number;
  /** Which process of the exporter, counted from 0. */
  readonly life: number;
  /** Work that waits, as the API knew it, and whatever the exporter says of it. */
  readonly truth: { readonly waiting: number; readonly counted: Counts<number> };
  readonly depth: number | null;
  readonly oldestAge: number | null;
  readonly queued: number | null;
  readonly counted: Counts<number | null>;
  /** When the API last answered a read of stats, and one of the list, with 200. */
  readonly answeredAt: { readonly stats: number; readonly list: number };
  readonly descriptors: number;
  readonly heapBytes: number;
  /** Whether a key is in pages, metrics or the log since the sample before. */
  readonly leaks: boolean;
}

export interface Limits {
  readonly staleAfterMs: { readonly stats: number; readonly list: number };
  readonly requestsPerMinute: number;
}

export interface Watched {
  /** In the order of time. */
  readonly samples: readonly Sample[];
  /** When requests reached the API, and from which process. */
  readonly requests: readonly { readonly at: number; readonly life: number }[];
}

const MINUTE = 60_000;
/** Between the answer of the API and the moment at which the judge's clock noted it, and between that and the scrape. */
const TOLERANCE_MS = 1000;
/** Sockets come and go; a leak grows. */
const MORE_DESCRIPTORS = 12;
const MORE_HEAP = 1.5;
/** Before the first garbage collections a heap says little. */
const LEAST_SAMPLES = 30;

/** Everything that was not as it has to be, in words; empty: all was well. */
export function judge({ samples, requests }: Watched, limits: Limits): readonly string[] {
  return [
    ...samples.flatMap((sample, index) => [
      ...falseZeros(samples, index, limits),
      ...staleValues(sample, limits),
      ...counted(sample),
      ...leakedKeys(sample),
    ]),
    ...COUNTED.flatMap((name) => lostCounts(samples, name)),
    ...overBudget(requests, limits),
    ...growth(samples),
  ];
}

/** A zero is false when work waited all the time for which the exporter may show what it read. */
function falseZeros(samples: readonly Sample[], index: number, { staleAfterMs }: Limits): string[] {
  const sample = samples[index]!;
  const reads = { depth: 'stats', oldestAge: 'stats', queued: 'list' } as const;
  return Object.entries(reads).flatMap(([name, read]) => {
    if (sample[name as keyof typeof reads] !== 0) return [];
    let least = sample.truth.waiting;
    for (let n = index - 1; n >= 0 && samples[n]!.at >= sample.at - staleAfterMs[read] - TOLERANCE_MS; n--) {
      least = Math.min(least, samples[n]!.truth.waiting);
    }
    return least > 0 ? [`${sample.at}: ${name} is 0 while ${least} or more waited`] : [];
  });
}

function staleValues(sample: Sample, { staleAfterMs }: Limits): string[] {
  const reads = { depth: 'stats', oldestAge: 'stats', queued: 'list' } as const;
  return Object.entries(reads).flatMap(([name, read]) => {
    const age = sample.at - sample.answeredAt[read];
    const isShown = sample[name as keyof typeof reads] !== null;
    return isShown && age > staleAfterMs[read] + TOLERANCE_MS ? [`${sample.at}: ${name} is ${age} ms old`] : [];
  });
}

function counted(sample: Sample): string[] {
  return COUNTED.flatMap((name) => {
    const [shown, really] = [sample.counted[name], sample.truth.counted[name]];
    return shown !== null && shown > really ? [`${sample.at}: ${shown} ${name} of ${really}`] : [];
  });
}

/** A counter never falls, not over a restart either; and at the end it is the truth. */
function lostCounts(samples: readonly Sample[], name: (typeof COUNTED)[number]): string[] {
  const known = samples.flatMap(({ at, counted }) => (counted[name] === null ? [] : [{ at, shown: counted[name] }]));
  const fallen = known.flatMap(({ at, shown }, index) => {
    const earlier = known[index - 1]?.shown ?? 0;
    return shown < earlier ? [`${at}: the counter of ${name} fell from ${earlier} to ${shown}`] : [];
  });
  const last = samples.at(-1);
  const isTrue = last === undefined || last.counted[name] === last.truth.counted[name];
  return isTrue ? fallen : [...fallen, `at the end ${last.counted[name]} ${name} of ${last.truth.counted[name]}`];
}

function leakedKeys({ at, leaks }: Sample): string[] {
  return leaks ? [`${at}: a key is in the output`] : [];
}

/** A new process knows nothing of what the one before has sent: each has its own budget. */
function overBudget(requests: Watched['requests'], { requestsPerMinute }: Limits): string[] {
  return [...Map.groupBy(requests, ({ life }) => life)].flatMap(([life, own]) => {
    const times = own.map(({ at }) => at);
    return times.flatMap((at, index) => {
      const first = times[index - requestsPerMinute];
      return first !== undefined && at - first < MINUTE
        ? [`${at}: process ${life} sent more than ${requestsPerMinute} requests in 60 s`]
        : [];
    });
  });
}

/** The last third of a process beside its first. */
function growth(samples: readonly Sample[]): string[] {
  return [...Map.groupBy(samples, ({ life }) => life)].flatMap(([life, own]) => {
    if (own.length < LEAST_SAMPLES) return [];
    const third = Math.floor(own.length / 3);
    const before = (name: 'descriptors' | 'heapBytes') => median(own.slice(0, third).map((sample) => sample[name]));
    const after = (name: 'descriptors' | 'heapBytes') => median(own.slice(-third).map((sample) => sample[name]));
    return [
      ...(after('descriptors') > before('descriptors') + MORE_DESCRIPTORS ? [`process ${life} leaks descriptors`] : []),
      ...(after('heapBytes') > before('heapBytes') * MORE_HEAP ? [`process ${life} leaks memory`] : []),
    ];
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

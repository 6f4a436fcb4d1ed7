import { z } from 'zod';

const stamp = z.number().finite();

/** What is kept of one severity of a condition of one subject. Times are on the own clock. */
const trackState = z.object({
  /** As of the last look that could tell; null before the first. */
  isFound: z.boolean().nullable(),
  /** Of the present finding, or of its absence. */
  sinceMs: stamp,
  /** When it was last found, and when a look last could tell. */
  knownMs: stamp,
  /** Since when it is found and nothing explains it. */
  ripensMs: stamp.nullable(),
  value: z.union([z.literal(0), z.literal(1), z.null()]),
  valueSinceMs: stamp,
  /** When it was last found and told. */
  toldMs: stamp.nullable(),
  /** When it began to be told, lately. */
  beginsMs: z.array(stamp).max(100).readonly(),
  evidence: z.string().max(1000),
  /** Of a condition of a connection: the environments that it hides. */
  members: z.array(z.string()).readonly(),
  /** `name/severity` */
  explainedBy: z.string().nullable(),
});
export type TrackState = z.infer<typeof trackState>;

const subjectState = z.object({
  kind: z.enum(['environment', 'connection']),
  id: z.string(),
  name: z.string(),
  connection: z.string(),
  tracks: z.record(z.string(), z.unknown()),
});
export type SubjectState = Omit<z.infer<typeof subjectState>, 'tracks'> & {
  readonly tracks: Readonly<Record<string, TrackState>>;
};

/** What the state file keeps: the verdicts, not the hour before them. JSON. */
export type DiagnosisMemory = { readonly version: 1; readonly subjects: readonly unknown[] };

/**
 * What can be read of it: another version, or what is damaged, is left out, since all of it is found anew within minutes.
 * No stamp is later than now: a clock may have been set back.
 */
export function readMemory(memory: DiagnosisMemory | null, now: number): SubjectState[] {
  if (memory?.version !== 1 || !Array.isArray(memory.subjects)) return [];
  return memory.subjects.flatMap((one) => {
    const subject = subjectState.safeParse(one);
    if (!subject.success) return [];
    const tracks = Object.entries(subject.data.tracks).flatMap(([key, value]) => {
      const track = trackState.safeParse(value);
      return track.success ? [[key, notLater(track.data, now)] as const] : [];
    });
    return [{ ...subject.data, tracks: Object.fromEntries(tracks) }];
  });
}

function notLater(state: TrackState, now: number): TrackState {
  const past = <T extends number | null>(at: T): T => (at === null ? at : (Math.min(at, now) as T));
  return {
    ...state,
    sinceMs: past(state.sinceMs),
    knownMs: past(state.knownMs),
    ripensMs: past(state.ripensMs),
    valueSinceMs: past(state.valueSinceMs),
    toldMs: past(state.toldMs),
    beginsMs: state.beginsMs.map(past),
  };
}

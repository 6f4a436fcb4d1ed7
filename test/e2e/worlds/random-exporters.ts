import type { Random } from '../../../src/base/random.ts';

export interface Absence {
  readonly from: number;
  readonly to: number;
  /** Its successor has another name, as a pod has. */
  readonly renamed: boolean;
}

/** One replica. */
export interface ReplicaPlan {
  readonly absences: readonly Absence[];
  /** It has other thresholds than the others. */
  readonly differs: boolean;
  /** It reads so seldom that it is always minutes behind the others. */
  readonly isBehind: boolean;
}

/** How the exporters of a world fare. None of it is worth a page. */
export interface ExporterPlan {
  readonly replicas: readonly ReplicaPlan[];
  /** Of all scrapes. */
  readonly lostShare: number;
  readonly scrapeMinutes: 0.5 | 1;
}

/**
 * Replicas that are restarted, scrapes that are lost.
 *
 * @param mayDiffer whether one of them may have other thresholds: the stricter ones count
 */
export function randomExporters(
  random: Random,
  minutes: number,
  { mayDiffer }: { readonly mayDiffer: boolean },
): ExporterPlan {
  const count = random() < 0.3 ? 2 : 1;
  const isRestarted = random() < 0.4;
  const replicas = Array.from({ length: count }, (_, number): ReplicaPlan => {
    const absences: Absence[] = [];
    const restarts = isRestarted ? 1 + Math.floor(3 * random()) : 0;
    for (let from = 5; absences.length < restarts; ) {
      from += Math.ceil(random() * (minutes / restarts));
      absences.push({ from, to: from + 0.5 + Math.floor(3 * random()) / 2, renamed: random() < 0.3 });
      from += 12;
    }
    // One of several may be gone for good.
    const dies = number > 0 && random() < 0.2;
    const from = Math.round(minutes * random());
    const all = dies ? [{ from, to: Number.POSITIVE_INFINITY, renamed: false }] : absences;
    const differs = number > 0 && random() < 0.2 && mayDiffer;
    return { absences: all, differs, isBehind: number > 0 && random() < 0.3 };
  });
  return { replicas, lostShare: random() < 0.3 ? 0.1 : 0, scrapeMinutes: random() < 0.2 ? 1 : 0.5 };
}

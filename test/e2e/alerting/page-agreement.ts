import { isEvaluatedHere } from '../../../src/conditions/condition.ts';
import type { AlertName } from '../../../src/rules/parts/alert-names.ts';
import { sharedWords } from '../../../src/server/page/view/shared-cause.ts';
import { AlertCourse, type Answered, isOut, isStalled, partsOf } from './alert-course.ts';
import type { AlertKey, PageSaid } from './page-said.ts';
import type { Look } from './page-watch.ts';

export interface Agreement {
  /** Where the page says another thing than the alerts; empty when all is well. */
  readonly faults: readonly string[];
  /** Alerts that page and Prometheus had out at the same time. */
  readonly agreed: ReadonlySet<AlertName>;
  /** The machine stood still, so that some, or all, could not be compared. */
  readonly stalled: boolean;
}

/** Compares an exporter's first life with what a Prometheus said of it: after a restart the exporter has no history. */
export function agreementOf(looks: readonly Look[], chain: number): Agreement {
  const life = firstLife(looks);
  const keys = new Set(life.flatMap(({ said, told }) => [...said.phases.keys(), ...told[chain]!.keys()]));
  const watched = [...keys]
    .filter((key) => isEvaluatedHere(partsOf(key).alert))
    .map((key) => new AlertCourse(life, chain, key));
  const faults = new Map<string, number>();
  const agreed = new Set<AlertName>();
  for (const look of life) {
    const judged = watched.filter((course) => course.isJudged(look));
    for (const course of judged) if (course.agrees(look)) agreed.add(course.alert);
    for (const fault of [...judged.flatMap((course) => course.faults(look)), ...headlineFaults(look, judged)]) {
      if (!faults.has(fault)) faults.set(fault, look.at);
    }
  }
  const minute = (at: number) => ((at - life[0]!.at) / 60_000).toFixed(1);
  return {
    faults: [...faults].map(([fault, at]) => `${minute(at)} min: ${fault}`),
    agreed,
    stalled: life.some((look, index) => isStalled(look, life[index - 1])),
  };
}

/** Of what a second play found wrong, what was wrong in the first one, too, at whatever minute. */
export function foundAgain(first: readonly string[], second: readonly string[]): readonly string[] {
  const known = new Set(first.map(withoutMinute));
  return second.filter((fault) => known.has(withoutMinute(fault)));
}

function withoutMinute(fault: string): string {
  return fault.replace(/^[\d.]+ min: /, '');
}

function firstLife(looks: readonly Look[]): readonly Answered[] {
  const end = looks.findIndex(({ life }) => life !== 1);
  return (end < 0 ? looks : looks.slice(0, end)) as readonly Answered[];
}

/** The headline names an alert that pages, and is never calm while one asks for somebody. */
function headlineFaults(look: Answered, judged: readonly AlertCourse[]): readonly string[] {
  const { headline, phases, summaries } = look.said;
  const told = (wanted: string) => judged.filter((course) => course.severity === wanted && course.isTold(look));
  const pages = told('critical');
  if (pages.some(({ key }) => isOut(phases.get(key)))) {
    const near = judged.filter((course) => course.severity === 'critical' && course.isToldSometimes(look));
    const named = near.some(({ key }) => wordsOf(key, summaries).some((words) => headline.text.includes(words)));
    if (headline.tone === 'bad' && named) return [];
    return [`an alert pages and the headline is “${headline.text}” (${headline.tone})`];
  }
  const isCalm = !['bad', 'warn'].includes(headline.tone);
  return isCalm && [...pages, ...told('warning')].length > 0
    ? [`an alert is firing and the headline is “${headline.text}”`]
    : [];
}

function wordsOf(key: AlertKey, summaries: PageSaid['summaries']): readonly string[] {
  return [sharedWords(partsOf(key).alert), ...(summaries.get(key) ?? [])];
}

import { type DiagnosisReport, isCurrent } from '../../../diagnosis/report.ts';
import type { Notice } from './environment-notices.ts';
import { durationText } from './human-text.ts';

/** A process that is younger has not seen the spans that some conditions are judged over. */
const YOUNG_MS = 20 * 60_000;

/** What is judged, and by whom. */
export interface Judgement {
  readonly report: DiagnosisReport;
  /** When the process started. */
  readonly startedAt: number;
  readonly now: number;
}

/** Says that nobody judges any more: that nothing is shown then means nothing. Null while somebody does. */
export function stoppedNotice({ report, now }: Judgement): Notice | null {
  if (report.at === null || isCurrent(report, now)) return null;
  return {
    text: `the environments were last judged ${durationText((now - report.at) / 1000)} ago: an alert may fire that is not shown here`,
    remedy: 'Ask Prometheus what fires. The log of the exporter says why; restart it.',
  };
}

/** Says that the process is young: something may be wrong, or somebody paged, that it cannot know of yet. Else null. */
export function youthText({ report, startedAt, now }: Judgement): string | null {
  if (now - startedAt >= YOUNG_MS || !hasUnknown(report)) return null;
  return `The exporter started ${durationText((now - startedAt) / 1000)} ago, and not everything is known yet.`;
}

function hasUnknown({ environments, connections }: DiagnosisReport): boolean {
  return [...environments.values(), ...connections.values()].some((all) => all.some(({ value }) => value === null));
}

/** Where nothing is wrong: whether that means something. */
export function nothingWrongText(judgement: Judgement): string {
  const { report, now } = judgement;
  if (report.at === null) return 'The exporter has just started: nothing has been judged yet.';
  if (!isCurrent(report, now)) return 'No alert was firing when it was last judged.';
  const youth = youthText(judgement);
  const rest = 'alert is firing or about to fire, and there is nothing else to report.';
  return youth === null ? `No ${rest}` : `No known ${rest} ${youth}`;
}

import type { Severity } from '../../../src/domain/environment.ts';
import type { Fired } from './play.ts';
import type { Heard, Situation } from './situation.ts';

/** A scrape and an evaluation, in minutes. */
const TOLERANCE = 0.5;

/** What came otherwise than a situation expects. */
export function mismatches({ pages = [], tickets = [] }: Situation, fired: readonly Fired[]): readonly string[] {
  const others = new Set(fired);
  const wrong: string[] = [];
  const check = (heard: Heard, severity: Severity) => {
    const { condition, environment = 'e' } = heard;
    const key = `${condition}/${severity}`;
    const mine = fired.filter(
      (one) => one.key === key && (environment === null ? one.kind === 'connection' : one.subject === environment),
    );
    for (const one of mine) others.delete(one);
    const spells = mine.flatMap((one) => one.spells);
    // The page says it already.
    const isBesidePage = severity === 'warning' && pages.some((page) => isAbout(page, environment));
    if (spells.length === 0 && isBesidePage) return;
    const said = `${key} ${environment ?? ''} ${text(spells)}`;
    if (spells.length !== (heard.times ?? 1) && !isBesidePage)
      wrong.push(`${said}: expected ${heard.times ?? 1} times`);
    const fires = (minute: number) => spells.some(({ from, to }) => minute >= from && minute < to);
    const { starts, over } = heard;
    if (starts !== undefined && fires(starts[0] - TOLERANCE)) wrong.push(`${said}: before ${starts[0]}`);
    if (starts !== undefined && !fires(starts[1] + TOLERANCE)) wrong.push(`${said}: not yet at ${starts[1]}`);
    if (over !== undefined && fires(over + TOLERANCE)) wrong.push(`${said}: still at ${over}`);
  };
  for (const one of pages) check(one, 'critical');
  for (const one of tickets) check(one, 'warning');
  for (const { key, subject, spells } of others) wrong.push(`${key} ${subject} ${text(spells)}: unexpected`);
  return wrong;
}

function isAbout({ condition, environment = 'e' }: Heard, id: string | null): boolean {
  return environment === id || condition === 'fleets_failing';
}

function text(spells: Fired['spells']): string {
  return spells.length === 0 ? 'never' : spells.map(({ from, to }) => `${from}–${to}`).join(', ');
}

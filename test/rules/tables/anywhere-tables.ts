import { during, type Line, step } from '../support/lines.ts';
import type { ShortName } from '../support/rule-case.ts';
import type { Inputs, Outcome, RuleTable } from '../support/rule-table.ts';
import { from } from '../support/table-parts.ts';

interface Many {
  readonly one: ShortName;
  readonly many: ShortName;
  /** The recorded series of what the page about many counts, and of what has a page of its own. */
  readonly all: 'workersLost' | 'someRunsLost';
  readonly due: 'unserved' | 'runsLost';
  /** The minutes for which it must last. */
  readonly wait: number;
}

/** When a page about many environments comes, and when it is over. */
export function anywhereTables({ one, many, all, due, wait }: Many): readonly RuleTable[] {
  const pages = (line: Line = 1, labels: Readonly<Record<string, string>> = {}): Inputs => ({
    alerts: [[one, 'critical', line, labels]],
  });
  const lost = (since: number): Inputs => ({ recorded: { [all]: step(since, null, 1) } });
  const late = (since: number): Inputs => ({
    recorded: { [all]: step(since === 5 ? 5 : 45, null, 1), [due]: step(since, null, 300) },
  });
  const NONE = lost(5);
  const LATE = late(5);
  const OWN: Inputs = { ...NONE, ...pages() };
  const MUTED = { told_by: `AnthropicWork${many}` };
  /** It is over, and the pages that the one about many mutes last a little longer. */
  const back = (labels: Readonly<Record<string, string>>): Inputs => ({
    recorded: { [all]: during(5, 10, [null, 1]), [due]: during(5, 10, [null, 300]) },
    ...pages(during(5.5 + wait, 12, [null, 1]), labels),
  });
  /** The first of the environments says what becomes of all, because they are told of together. */
  const anywhere = (title: string, inputs: readonly Inputs[], outcome: Outcome, until = 20): RuleTable => ({
    rule: `AnthropicWork${many} critical`,
    about: 'all environments',
    until,
    rows: inputs.map((own, index) => [`${title}, ${index}`, own, index === 0 ? outcome : null]),
  });
  const began = from(5 + wait);
  const since = (minute: number): Inputs => ({ ...NONE, ...pages(step(minute, null, 1)) });
  const OLD = since(5);
  const LAST = late(50);
  /** One more that fails at the minute 50, beside five whose pages began earlier. */
  const rolling = (title: string, minute: number, last: Inputs, outcome: Outcome): RuleTable =>
    anywhere(title, [last, ...Array<Inputs>(5).fill(since(minute))], outcome, 60);
  return [
    anywhere('six', [LATE, NONE, NONE, NONE, NONE, NONE], began),
    anywhere('five', [LATE, NONE, NONE, NONE, NONE], null),
    anywhere('none has a page that is due', [NONE, NONE, NONE, NONE, NONE, NONE], null),
    anywhere('two of six are not told of', [LATE, NONE, OWN, OWN, OWN, OWN], began),
    anywhere('all that are told of are due', [{ ...LATE, ...pages() }, NONE, NONE, NONE, NONE, NONE], null),
    anywhere('muted pages', [back(MUTED), NONE, NONE, NONE, NONE, { ...NONE, ...back(MUTED) }], from(5 + wait, 12)),
    anywhere('pages of their own', [back({}), { ...NONE, ...back({}) }, NONE, NONE, NONE, NONE], from(5 + wait, 10)),
    anywhere(
      'muted pages alone',
      [back(MUTED), back(MUTED)].map(({ alerts }) => ({ alerts: alerts! })),
      null,
    ),
    rolling('five within half an hour before', 20.5 + wait, LAST, from(50 + wait)),
    rolling('five more than half an hour before', 19.5, LAST, null),
    anywhere(
      'two together, and four more than half an hour before',
      [LAST, lost(45), ...Array<Inputs>(4).fill(OLD)],
      from(50 + wait),
      60,
    ),
    rolling('five, and one whose page is not due', 25, lost(45), null),
    rolling('five, and one that has a page of its own as well', 25, { ...LAST, ...pages(step(25, null, 1)) }, null),
    anywhere('four within half an hour before', [LAST, ...Array<Inputs>(4).fill(since(25)), OLD], null, 60),
  ];
}

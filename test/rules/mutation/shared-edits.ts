import type { Rule } from '../../../src/rules/parts/rule.ts';

/** An edit of all rules at once. */
export interface SharedEdit {
  readonly edit: string;
  of(rule: Rule): Rule;
}

interface SharedPart {
  readonly what: RegExp;
  /** What may stand there instead, each an edit. */
  readonly instead: readonly string[];
}

/**
 * What one line of `src/rules/parts/queries.ts` writes into every rule. No rule can get it wrong by itself, so it is edited in
 * all of them at once.
 */
const SHARED: readonly SharedPart[] = [
  { what: /\bjob="[^"]*"/g, instead: ['job="nobody"'] },
  { what: /\balertstate="firing"/g, instead: ['alertstate!="firing"'] },
  { what: /\bon \(job, environment_id, environment_name\)/g, instead: ['on (job, environment_name)'] },
  {
    what: /(?<=last_over_time\((?:anthropic_work_\w+|ALERTS)\{[^}]*\})\[2m5s\]/g,
    instead: ['[62500ms]', '[250000ms]'],
  },
];

/** A lost scrape would then end every series. */
const INSTANT = { what: /last_over_time\(((?:anthropic_work_\w+|ALERTS)\{[^}]*\})\[2m5s\]\)/g, instead: '$1' };

export const SHARED_EDITS: readonly SharedEdit[] = [...SHARED, { ...INSTANT, instead: [INSTANT.instead] }].flatMap(
  ({ what, instead }) =>
    instead.map((text) => ({
      edit: `everywhere ${what.source} → ${text}`,
      of: (rule: Rule) => ({ ...rule, expr: rule.expr.replaceAll(what, text) }),
    })),
);

/** Whether the token at this place is one that is edited in all rules at once. */
export function isShared(expr: string, index: number): boolean {
  return SHARED.some(({ what }) =>
    [...expr.matchAll(what)].some((match) => match.index <= index && index < match.index + match[0].length),
  );
}

export function isSharedWindow(call: string): boolean {
  return new RegExp(`^${INSTANT.what.source}$`).test(call);
}

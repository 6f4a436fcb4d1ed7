import { type Duration, durationMs } from '../../../src/rules/parts/durations.ts';
import { type AlertingRule, isAlert, type Rule } from '../../../src/rules/parts/rule.ts';
import { isShared, isSharedWindow } from './shared-edits.ts';

export interface Mutant {
  readonly rule: Rule;
  /** What was edited, with enough around it to find the place. */
  readonly edit: string;
}

const SWAPS: Readonly<Record<string, readonly string[]>> = {
  '>': ['>=', '<'],
  '<': ['<=', '>'],
  '>=': ['>', '<'],
  '<=': ['<', '>'],
  '==': ['!='],
  '!=': ['=='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  and: ['unless', 'or'],
  unless: ['and'],
  or: ['and'],
  bool: [''],
  max: ['min'],
  min: ['max'],
  sum: ['max'],
  count: ['max'],
  max_over_time: ['min_over_time'],
  min_over_time: ['max_over_time'],
  avg_over_time: ['max_over_time'],
  count_over_time: ['max_over_time'],
  increase: ['last_over_time'],
  changes: ['count_over_time'],
  deriv: ['last_over_time'],
  rate: ['last_over_time'],
  clamp_min: ['clamp_max'],
  abs: [''],
  group_right: ['group_left'],
};

/** A matcher, a duration, a list of labels, a word, an operator or a number, in that order of precedence. */
const TOKEN =
  /(?<matcher>\w+(?:=~|!~|!=|=)"[^"]*")|(?<window>(?:\d+(?:ms|[smhd]))+\b)|(?<labels>\b(?:by|on) \([^)]*\))|(?<word>[a-z_][a-zA-Z0-9_:]*)|(?<operator>>=|<=|==|!=|[><+\-*/])|(?<number>\b\d+(?:\.\d+)?\b)/g;

/**
 * Joined series come from one job, by the selector of each, and an environment has one name at a time: leaving these out
 * of `on` changes nothing by construction. Left out of `by` they are missing from the result.
 */
const FIXED_IN_JOINS = new Set(['job', 'environment_name']);

/** Reasons that the shipped rule shows: no edit of them changes anything. */
const COMMENT = /# .*\n/g;
const EVALUATION_MS = 30_000;

/** Every way to edit one operator, number, duration, label matcher, label or aggregation of a rule. */
export function mutantsOf(shipped: Rule): readonly Mutant[] {
  const rule = { ...shipped, expr: shipped.expr.replaceAll(COMMENT, '') };
  const own = [...rule.expr.matchAll(TOKEN)].filter(({ index }) => !isShared(rule.expr, index));
  const edits = own.flatMap((match) =>
    replacements(match.groups!).map((text) => {
      const end = match.index + match[0].length;
      const expr = rule.expr.slice(0, match.index) + text + rule.expr.slice(end);
      return {
        rule: { ...rule, expr },
        edit: `${match[0]} → ${text === '' ? 'nothing' : text} (${place(rule.expr, match.index)})`,
      };
    }),
  );
  return numbered([...edits, ...instants(rule), ...(isAlert(rule) ? waits(rule) : [])]);
}

/** The same edit in two places that look alike is told apart by a number. */
function numbered(mutants: readonly Mutant[]): readonly Mutant[] {
  return mutants.map((mutant, index) => {
    const before = mutants.slice(0, index).filter(({ edit }) => edit === mutant.edit).length;
    return before === 0 ? mutant : { ...mutant, edit: `${mutant.edit} #${before + 1}` };
  });
}

function replacements(token: Record<string, string | undefined>): readonly string[] {
  if (token.matcher !== undefined) return matchers(token.matcher);
  if (token.window !== undefined) return scaled(token.window);
  if (token.labels !== undefined) return fewerLabels(token.labels);
  if (token.number !== undefined) return numbers(Number(token.number));
  return SWAPS[token.word ?? token.operator ?? ''] ?? [];
}

function matchers(matcher: string): readonly string[] {
  const [, label = '', operator = '', value = ''] = /^(\w+)(=~|!=|=)"(.*)"$/.exec(matcher) ?? [];
  if (operator === '!=') return [`${label}="${value}"`];
  const negated = `${label}${operator === '=~' ? '!~' : '!='}"${value}"`;
  if (operator === '=') return [negated];
  const alternatives = value.split('|');
  const fewer = alternatives.map((one) => alternatives.filter((other) => other !== one).join('|'));
  return [negated, ...fewer.map((rest) => `${label}=~"${rest}"`)];
}

/** Half and twice as long; a window may be of several parts, such as `2m5s`. */
function scaled(window: string): readonly string[] {
  const parts = window.match(/\d+(?:ms|[smhd])/g) as Duration[];
  const all = parts.reduce((sum, part) => sum + durationMs(part), 0);
  return [`${all / 2}ms`, `${all * 2}ms`];
}

function numbers(value: number): readonly string[] {
  return value === 0 ? ['1'] : [String(value / 2), String(value * 2)];
}

function fewerLabels(list: string): readonly string[] {
  const [, keyword = '', inside = ''] = /^(by|on) \((.*)\)$/.exec(list) ?? [];
  const labels = inside.split(', ').filter((label) => label !== '');
  if (labels.length < 2) return [];
  return labels
    .filter((label) => keyword === 'by' || !FIXED_IN_JOINS.has(label))
    .map((label) => `${keyword} (${labels.filter((other) => other !== label).join(', ')})`);
}

/** `last_over_time(x[2m])` as plain `x`: what a lost scrape would then do. */
function instants(rule: Rule): readonly Mutant[] {
  const own = [...rule.expr.matchAll(/last_over_time\(([^[]+)\[\w+\]\)/g)].filter(([call]) => !isSharedWindow(call));
  return own.map((match) => ({
    rule: {
      ...rule,
      expr: rule.expr.slice(0, match.index) + match[1] + rule.expr.slice(match.index + match[0].length),
    },
    edit: `${match[0]} → an instant value`,
  }));
}

function waits(rule: AlertingRule): readonly Mutant[] {
  const of = (key: 'for' | 'keepFiringFor') => {
    const value = rule[key];
    if (value === null) return [];
    // It ends with the first evaluation after it.
    const evaluations = (one: Duration) => Math.ceil(durationMs(one) / EVALUATION_MS);
    const others = (scaled(value) as Duration[]).filter((other) => evaluations(other) !== evaluations(value));
    return others.map((other) => ({ rule: { ...rule, [key]: other }, edit: `${key}: ${value} → ${other}` }));
  };
  return [...of('for'), ...of('keepFiringFor')];
}

function place(expr: string, index: number): string {
  return expr
    .slice(index, index + 70)
    .replaceAll(/\s+/g, ' ')
    .replaceAll('job, environment_id, environment_name', 'E')
    .replaceAll('job="anthropic-work-exporter"', 'J');
}

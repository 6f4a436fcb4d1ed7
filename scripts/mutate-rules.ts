/**
 * Mutation test of the alert rules: edits one operator, number, duration, label matcher, label or aggregation at a time
 * and expects that a rule case fails. `node scripts/mutate-rules.ts [PATTERN]` looks at the rules whose name matches.
 *
 * Exit code 1 when less than 95 % of the mutants are noticed, when a survivor is not listed with the reason why it is
 * equivalent, or when a listed one does not survive any more.
 */
import { DEFAULT_RULE_OPTIONS } from '../src/rules/parts/options.ts';
import { ruleGroups } from '../src/rules/rule-groups.ts';
import { EQUIVALENT_MUTANTS } from '../test/rules/mutation/equivalent-mutants.ts';
import { runMutants, type Verdict } from '../test/rules/mutation/run-mutants.ts';
import { ruleLabel } from '../test/rules/support/rule-table.ts';

const REQUIRED_SHARE = 0.95;

const pattern = new RegExp(process.argv[2] ?? '');
const groups = ruleGroups(DEFAULT_RULE_OPTIONS);
const verdicts = await runMutants(groups, pattern, (text) => process.stderr.write(`${text}\n`));
const valid = verdicts.filter(({ fate }) => fate !== 'invalid');
const survivors = valid.filter(({ fate }) => fate === 'survived');
const share = 1 - survivors.length / valid.length;

const key = ({ rule, edit }: { rule: string; edit: string }) => `${rule}: ${edit}`;
const reasons = new Map(EQUIVALENT_MUTANTS.map((one) => [key(one), one.reason]));
const surviving = new Set(survivors.map(key));
const names = new Set(groups.flatMap(({ rules }) => rules.map(ruleLabel)).filter((name) => pattern.test(name)));
const unexplained = survivors.filter((one: Verdict) => !reasons.has(key(one)));
const outdated = EQUIVALENT_MUTANTS.filter((one) => names.has(one.rule) && !surviving.has(key(one)));

const lines = [
  ...survivors.map((one) => `survived  ${key(one)}\n          ${reasons.get(key(one)) ?? 'NOT EXPLAINED'}`),
  ...outdated.map((one) => `OUTDATED  ${key(one)}: listed as equivalent, but a case fails`),
  `${valid.length} mutants of ${names.size} rules, ${valid.length - survivors.length} noticed (${(share * 100).toFixed(1)} %), ` +
    `${survivors.length} survived, ${unexplained.length} of them unexplained; ${verdicts.length - valid.length} would not load`,
];
process.stdout.write(`${lines.join('\n')}\n`);
process.exitCode = share >= REQUIRED_SHARE && unexplained.length + outdated.length === 0 ? 0 : 1;

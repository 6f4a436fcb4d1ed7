import type { GeneratedFile } from '../../base/generated-file.ts';
import { type CompactExpr, compactOf, placeholder, shapeOf } from '../../promql/syntax/compact-expression.ts';
import { parseExpression } from '../../promql/syntax/parse-expression.ts';
import { DEFAULT_RULE_OPTIONS } from '../../rules/parts/options.ts';
import { isAlert, type Rule } from '../../rules/parts/rule.ts';
import { ruleGroups } from '../../rules/rule-groups.ts';
import { affectedQuery } from '../texts/affected-query.ts';
import { queryPatterns } from '../texts/query-patterns.ts';
import { parseTemplate } from '../texts/text-template.ts';

/** The file in which the program finds its expressions parsed. */
export function parsedExpressionsFile(): GeneratedFile {
  const lines = Object.entries(parsedExpressions()).map((entry) => entry.map((part) => JSON.stringify(part)).join(':'));
  return { path: 'src/conditions/evaluation/parsed-expressions.json', text: `{\n${lines.join(',\n')}\n}\n` };
}

/** Of all shipped rules, and of what their texts ask, by their shape. */
function parsedExpressions(): Readonly<Record<string, CompactExpr>> {
  const texts = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap(({ rules }) => rules.flatMap(textsOf));
  return Object.fromEntries(
    texts.map((text) => {
      const { shape } = shapeOf(text);
      let index = 0;
      return [shape, compactOf(parseExpression(shape.replaceAll('""', () => JSON.stringify(placeholder(index++)))))];
    }),
  );
}

function textsOf(rule: Rule): readonly string[] {
  if (!isAlert(rule)) return [rule.expr];
  const asked = Object.values(rule.annotations).flatMap((text) => queryPatterns(parseTemplate(text)));
  // Each value comes in double quotes.
  const hit = affectedQuery(rule, {});
  return [rule.expr, ...asked.map((pattern) => pattern.replaceAll('%q', '""')), ...(hit === null ? [] : [hit])];
}

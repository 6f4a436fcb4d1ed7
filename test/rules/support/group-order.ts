import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/parts/options.ts';
import { ruleGroups } from '../../../src/rules/rule-groups.ts';

/**
 * For promtool, which otherwise takes groups in an order of its own, and another one each time: a series that one group
 * reads of another would now and then be one evaluation older.
 */
export const GROUP_ORDER: readonly string[] = ruleGroups(DEFAULT_RULE_OPTIONS).map(({ name }) => name);

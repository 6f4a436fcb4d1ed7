import type { RuleTable } from '../support/rule-table.ts';
import { WAIT_TABLES } from './wait-tables.ts';

/** Each rule by itself, over everything that it reads. */
export const TABLES: Readonly<Record<string, readonly RuleTable[]>> = {
  waits: WAIT_TABLES,
};

import type { RuleTable } from '../support/rule-table.ts';
import { ENVIRONMENT_TABLES } from './environment-tables.ts';
import { QUEUE_TABLES } from './queue-tables.ts';
import { WAIT_TABLES } from './wait-tables.ts';

/** Each rule by itself, over everything that it reads. */
export const TABLES: Readonly<Record<string, readonly RuleTable[]>> = {
  environments: ENVIRONMENT_TABLES,
  queues: QUEUE_TABLES,
  waits: WAIT_TABLES,
};

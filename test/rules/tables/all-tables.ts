import type { RuleTable } from '../support/rule-table.ts';
import { BESIDE_OTHERS_TABLES } from './beside-others-tables.ts';
import { CONNECTION_TABLES } from './connection-tables.ts';
import { CREDENTIAL_TABLES } from './credential-tables.ts';
import { ENVIRONMENT_TABLES } from './environment-tables.ts';
import { ITEM_TABLES } from './item-tables.ts';
import { LAPSE_TABLES } from './lapse-tables.ts';
import { NO_WORKERS_TABLES } from './no-workers-tables.ts';
import { QUEUE_ALERT_TABLES } from './queue-alert-tables.ts';
import { QUEUE_TABLES } from './queue-tables.ts';
import { READ_TABLES } from './read-tables.ts';
import { RETURNED_TABLES } from './returned-tables.ts';
import { RUN_TABLES } from './run-tables.ts';
import { SERVED_AGAIN_TABLES } from './served-again-tables.ts';
import { UNSERVED_TABLES } from './unserved-tables.ts';
import { VISIBILITY_TABLES } from './visibility-tables.ts';
import { WAIT_TABLES } from './wait-tables.ts';
import { WATCH_TABLES } from './watch-tables.ts';
import { WORKER_TABLES } from './worker-tables.ts';

/** Each rule by itself, over everything that it reads. */
export const TABLES: Readonly<Record<string, readonly RuleTable[]>> = {
  credentials: CREDENTIAL_TABLES,
  environments: ENVIRONMENT_TABLES,
  items: ITEM_TABLES,
  lapses: LAPSE_TABLES,
  'alerts of queues': QUEUE_ALERT_TABLES,
  queues: QUEUE_TABLES,
  connections: CONNECTION_TABLES,
  reads: READ_TABLES,
  visibility: VISIBILITY_TABLES,
  'beside others that are unread': BESIDE_OTHERS_TABLES,
  'pages that return': RETURNED_TABLES,
  runs: RUN_TABLES,
  waits: WAIT_TABLES,
  watches: WATCH_TABLES,
  workers: WORKER_TABLES,
  unserved: UNSERVED_TABLES,
  'served again': SERVED_AGAIN_TABLES,
  'no workers': NO_WORKERS_TABLES,
};

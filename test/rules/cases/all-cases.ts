import type { RuleCase } from '../support/rule-case.ts';
import { API_CASES } from './api-cases.ts';
import { CREDENTIAL_CASES } from './credential-cases.ts';
import { EXPORTER_CASES } from './exporter-cases.ts';
import { ITEM_CASES } from './item-cases.ts';
import { QUEUE_CASES } from './queue-cases.ts';
import { SCENARIO_CASES } from './scenario-cases.ts';
import { SLO_CASES } from './slo-cases.ts';
import { VISIBILITY_CASES } from './visibility-cases.ts';
import { WORKER_CASES } from './worker-cases.ts';

/** By the part of the rules they are about; the scripts that test rules run all of them. */
export const CASES: Readonly<Record<string, readonly RuleCase[]>> = {
  queue: QUEUE_CASES,
  workers: WORKER_CASES,
  items: ITEM_CASES,
  slo: SLO_CASES,
  visibility: VISIBILITY_CASES,
  credentials: CREDENTIAL_CASES,
  exporter: EXPORTER_CASES,
  api: API_CASES,
  scenarios: SCENARIO_CASES,
};

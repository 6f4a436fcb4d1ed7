import { API_SCENARIOS, BENIGN_API_SCENARIOS } from './api-scenarios.ts';
import { BENIGN_SCENARIOS } from './benign-scenarios.ts';
import { EXPORTER_SCENARIOS } from './exporter-scenarios.ts';
import { FLEET_SCENARIOS } from './fleet-scenarios.ts';
import { ITEM_SCENARIOS } from './item-scenarios.ts';
import type { LiveScenario } from './live-scenario.ts';
import { QUEUE_SCENARIOS } from './queue-scenarios.ts';
import { SESSION_SCENARIOS } from './session-scenarios.ts';

/** What must be told. */
export const TOLD_SCENARIOS: readonly LiveScenario[] = [
  ...FLEET_SCENARIOS,
  ...API_SCENARIOS,
  ...QUEUE_SCENARIOS,
  ...ITEM_SCENARIOS,
  ...SESSION_SCENARIOS,
  ...EXPORTER_SCENARIOS,
];
export const QUIET_SCENARIOS: readonly LiveScenario[] = [...BENIGN_API_SCENARIOS, ...BENIGN_SCENARIOS];
export const LIVE_SCENARIOS: readonly LiveScenario[] = [...TOLD_SCENARIOS, ...QUIET_SCENARIOS];

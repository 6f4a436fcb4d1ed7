import type { Situation } from '../support/situation.ts';
import { COME_AND_GO_SITUATIONS } from './come-and-go-situations.ts';
import { CONNECTION_SITUATIONS } from './connection-situations.ts';
import { CRASH_LOOP_SITUATIONS } from './crash-loop-situations.ts';
import { DISCOVERY_SITUATIONS } from './discovery-situations.ts';
import { EVIDENCE_SITUATIONS } from './evidence-situations.ts';
import { EXPORTER_SITUATIONS } from './exporter-situations.ts';
import { FLAPPING_SITUATIONS } from './flapping-situations.ts';
import { ITEM_SITUATIONS } from './item-situations.ts';
import { LOOK_ALIKE_SITUATIONS } from './look-alike-situations.ts';
import { LOSSY_SITUATIONS } from './lossy-situations.ts';
import { MANY_FLEETS_SITUATIONS } from './many-fleets-situations.ts';
import { MEETING_SITUATIONS } from './meeting-situations.ts';
import { QUEUE_SITUATIONS } from './queue-situations.ts';
import { RATE_LIMIT_SITUATIONS } from './rate-limit-situations.ts';
import { REFUSED_KEY_SITUATIONS } from './refused-key-situations.ts';
import { REPAIR_SITUATIONS } from './repair-situations.ts';
import { SESSION_SITUATIONS } from './session-situations.ts';
import { UNEQUAL_PACE_SITUATIONS } from './unequal-pace-situations.ts';
import { UNLISTED_SITUATIONS } from './unlisted-situations.ts';
import { VISIBILITY_SITUATIONS } from './visibility-situations.ts';
import { WATCH_SITUATIONS } from './watch-situations.ts';
import { WORKER_SITUATIONS } from './worker-situations.ts';

/** By the part of the chain that fails. */
export const SITUATIONS: Readonly<Record<string, readonly Situation[]>> = {
  evidence: EVIDENCE_SITUATIONS,
  workers: WORKER_SITUATIONS,
  'without a list': UNLISTED_SITUATIONS,
  'crash loops': CRASH_LOOP_SITUATIONS,
  'many fleets': MANY_FLEETS_SITUATIONS,
  flapping: FLAPPING_SITUATIONS,
  queue: QUEUE_SITUATIONS,
  items: ITEM_SITUATIONS,
  repair: REPAIR_SITUATIONS,
  visibility: VISIBILITY_SITUATIONS,
  'refused keys': REFUSED_KEY_SITUATIONS,
  'rate limits': RATE_LIMIT_SITUATIONS,
  discovery: DISCOVERY_SITUATIONS,
  connections: CONNECTION_SITUATIONS,
  'unequal pace': UNEQUAL_PACE_SITUATIONS,
  sessions: SESSION_SITUATIONS,
  meeting: MEETING_SITUATIONS,
  'coming and going': COME_AND_GO_SITUATIONS,
  'look-alikes': LOOK_ALIKE_SITUATIONS,
  exporter: EXPORTER_SITUATIONS,
  'lost scrapes': LOSSY_SITUATIONS,
  watch: WATCH_SITUATIONS,
};

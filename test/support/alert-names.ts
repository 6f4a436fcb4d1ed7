import { ALERTS } from '../../src/rules/groups.ts';

export const ALERT_NAMES: readonly string[] = Object.keys(ALERTS);

import { ALERTS } from '../../src/rules/alerts.ts';

export const ALERT_NAMES: readonly string[] = Object.keys(ALERTS);

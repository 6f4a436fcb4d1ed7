import { counted } from '../../../base/counted.ts';
import { ALERTS, type AlertName } from '../../../rules/parts/alert-names.ts';

/**
 * What several environments have in common, before their number, where the sentence about a single one does not fit.
 */
const WORDS: Readonly<Partial<Record<AlertName, string>>> = {
  AnthropicWorkNoWorkers: 'Work waits without workers',
  AnthropicWorkOldestItemTooOld: 'Work waits too long',
  AnthropicWorkSaturated: 'More work than the workers take',
  AnthropicWorkHeadOfLineBlocked: 'The oldest item is not taken',
  AnthropicWorkStaleHeartbeats: 'Items stopped sending heartbeats',
  AnthropicWorkLeasesLapsing: 'Items go back to the queue without a stop',
  AnthropicWorkItemStuck: 'Items are stuck in one state',
  AnthropicWorkSessionWaiting: 'Sessions wait for somebody',
  AnthropicWorkSessionEndedItemLive: 'Items of ended sessions hold workers',
  AnthropicWorkRedeliveryLoop: 'Items are delivered again and again',
  AnthropicWorkWaitBudgetBurn: 'The error budget for waits burns too fast',
  AnthropicWorkApiAuthFailing: 'Queue not readable, key refused (401 or 403)',
  AnthropicWorkEnvironmentNotVisible: 'Queue not readable',
  AnthropicWorkEnvironmentMisconfigured: 'Deleted, unknown, not self-hosted or without a key',
  AnthropicWorkEnvironmentArchived: 'Archived, and still has work',
  AnthropicWorkItemsNotVisible: 'Item list not readable',
  AnthropicWorkListNotConfigured: 'Item list not read: no key for it',
};

/** An alert as one phrase for several environments. */
export function sharedWords(alert: AlertName): string {
  return WORDS[alert] ?? ALERTS[alert].meaning.replace(/\.$/, '');
}

/** `Work waits without workers: 6 environments`. */
export function sharedCause(alert: AlertName, environments: number): string {
  return `${sharedWords(alert)}: ${counted(environments)}`;
}

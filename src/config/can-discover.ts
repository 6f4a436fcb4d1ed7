import { PRESETS } from '../wire/presets.ts';
import type { ConnectionConfig } from './config.ts';

/** Whether a connection can list its environments: it has a key for that, and its provider offers it. */
export function canDiscover({ apiKey, provider }: Pick<ConnectionConfig, 'apiKey' | 'provider'>): boolean {
  return apiKey !== null && PRESETS[provider].credentials.environments.length > 0;
}

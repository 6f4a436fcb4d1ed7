import { settingsOf } from '../../src/config/settings.ts';
import type { Environment, PollSettings } from '../../src/domain/environment.ts';
import { PRESETS } from '../../src/wire/presets.ts';

const DEFAULTS = settingsOf([{}], PRESETS.anthropic);

export const POLL: PollSettings = DEFAULTS.poll;

/** An environment with the defaults of docs/configuration.md. */
export function environment(id: string, change: Partial<Environment> = {}): Environment {
  return {
    id,
    name: id.replace(/^env_/, ''),
    connection: 'default',
    workspaceId: null,
    source: 'config',
    labels: {},
    ...DEFAULTS,
    thresholds: {
      ...DEFAULTS.thresholds,
      stateAgeSeconds: { starting: 300, active: Number.POSITIVE_INFINITY, stopping: 120 },
    },
    ...change,
  };
}

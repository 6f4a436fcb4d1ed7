import { ENVIRONMENT } from './chart-objects.ts';

export const KEY = '/run/secrets/anthropic-work-exporter/api-key';
export const PERSISTENT = { persistence: { enabled: true } };
export const SPREAD = { maxSkew: 1, topologyKey: 'zone' };
export const MOUNT = { name: 'a', mountPath: '/a' };
export const WRITABLE = { mountPath: '/data' };
export const READ_ONLY_INSIDE = { mountPath: '/data/state/', readOnly: true };

/** One environment, of which the configuration says this as well. */
export const environment = (more: object) => ({ config: { environments: [{ ...ENVIRONMENT, ...more }] } });

/** One connection, `a`, of which the configuration says `more`, and this environment. */
export const connected = (one: object, more: object = {}) => ({
  config: { connections: { a: { api_key_file: KEY, ...more } }, environments: [one] },
});

/** An environment, and this as well. */
export const watching = (more: object) => ({ config: { environments: [ENVIRONMENT], ...more } });

/** A discovery that is as `more` says. */
export const discovering = (more: object) => ({
  config: { api: { api_key_file: KEY }, discovery: { enabled: true, ...more } },
});

export const container = (more: object) => ({ extraContainers: [{ name: 'x', image: 'x', ...more }] });
export const listening = (listen: string) => ({ config: { environments: [ENVIRONMENT], server: { listen } } });
export const scraped = (monitor: object) => ({ serviceMonitor: { enabled: true, ...monitor } });
export const stateFile = (path: string) => ({ config: { environments: [ENVIRONMENT], state_file: path } });

/** A volume for each of these mounts. */
export const mounted = (...mounts: readonly object[]) => ({
  extraVolumes: mounts.map((_, index) => ({ name: `data-${index}`, emptyDir: {} })),
  extraVolumeMounts: mounts.map((mount, index) => ({ name: `data-${index}`, ...mount })),
});

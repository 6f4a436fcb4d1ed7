import { configurationSchema, type JsonSchema } from '../config/load/configuration-schema.ts';
import { UNIT_MS } from '../config/options/duration.ts';
import { SETTING_ORDERS } from '../config/options/setting-orders.ts';
import { PRESETS } from '../wire/presets.ts';

/**
 * What templates/_config_checks.tpl knows of the exporter's options, because no schema can compare two of them: which
 * setting may not exceed which, what providers offer, and how long the units of durations are, ms.
 */
export function configChecks(): unknown {
  const schema = configurationSchema();
  const providers = Object.values(PRESETS).map(({ provider, environmentKeys, credentials }) => {
    return [provider, { environmentKeys, discovery: credentials.environments.length > 0 }] as const;
  });
  return {
    orders: SETTING_ORDERS.map(({ low, high, highYields }) => ({
      low,
      lowDefault: defaultAt(schema, low),
      high,
      highDefault: defaultAt(schema, high),
      highYields,
    })),
    providers: Object.fromEntries(providers),
    units: UNIT_MS,
  };
}

/** As it is written in a file; null where the default follows other settings. */
function defaultAt(schema: JsonSchema, path: readonly string[]): unknown {
  const option = path.reduce((at, step) => (at.properties as { [key: string]: JsonSchema })[step]!, schema);
  return option.default ?? null;
}

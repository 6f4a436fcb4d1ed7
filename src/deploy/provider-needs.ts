import type { JsonSchema } from '../config/load/configuration-schema.ts';
import { clientPathPattern, WEBSITE_PATTERN } from '../config/options/base-url-patterns.ts';
import { PRESETS, PROVIDERS, type ProviderPreset } from '../wire/presets.ts';
import { explained } from './explained.ts';

/** What a connection needs because of its provider. Without this, the exporter would miss it only in the pod. */
export function providerNeeds(): readonly JsonSchema[] {
  return Object.values(PRESETS).flatMap((preset) => [
    addressAlone(preset),
    ...(preset.defaultBaseUrl === null ? [ownAddress(preset)] : []),
    ...(preset.workspaceRequired ? [needs(preset, 'workspace_id', { type: 'string' }, 'for example wrkspc_01')] : []),
  ]);
}

/** The provider of a connection that names none is the first. */
function addressAlone(preset: ProviderPreset): JsonSchema {
  const named = preset.provider === PROVIDERS[0] ? {} : { required: ['provider'] };
  const notAlone = { type: 'string', pattern: clientPathPattern(preset) };
  const website = { type: 'string', pattern: WEBSITE_PATTERN };
  const wanted = `the address of the API without ${preset.pathPrefix} and what follows it; for example ${preset.baseUrlTemplate}`;
  return {
    if: { type: 'object', ...named, properties: { provider: { const: preset.provider } } },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema, in a value that nobody awaits
    then: { properties: { base_url: explained({ not: { anyOf: [notAlone, website] } }, wanted) } },
  };
}

function ownAddress(preset: ProviderPreset): JsonSchema {
  const template = preset.baseUrlTemplate;
  return needs(preset, 'base_url', { type: 'string', not: { const: template } }, `as in ${template}, filled in`);
}

function needs({ provider }: ProviderPreset, option: string, schema: JsonSchema, example: string): JsonSchema {
  const there = { required: [option], properties: { [option]: schema } };
  return {
    if: { type: 'object', required: ['provider'], properties: { provider: { const: provider } } },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema, in a value that nobody awaits
    then: explained(there, `a connection with ${option}, which provider ${provider} needs; ${example}`),
  };
}

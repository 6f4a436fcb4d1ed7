import { expect, it } from 'vitest';
import type { CredentialKind } from '../../src/domain/failure.ts';
import { PRESETS, PROVIDERS, type ProviderPreset } from '../../src/wire/presets.ts';
import { pageOf } from './pages.ts';

const KEYS: Readonly<Record<CredentialKind, string>> = { api_key: 'API key', environment_key: 'environment key' };

function keys(order: readonly CredentialKind[]): string {
  return order.length === 0 ? 'not offered' : order.map((kind) => KEYS[kind]).join(', else ');
}

/** What the table of docs/design/providers.md says of each field of a preset, in the words of the page. */
const ROWS: Readonly<Record<string, (preset: ProviderPreset) => string>> = {
  'base URL': ({ defaultBaseUrl }) => (defaultBaseUrl === null ? 'required' : 'the default'),
  'path prefix': ({ pathPrefix }) => pathPrefix,
  stats: ({ credentials }) => keys(credentials.stats),
  list: ({ credentials }) => keys(credentials.list),
  'single items': ({ credentials }) => keys(credentials.retrieve),
  environments: ({ credentials }) => keys(credentials.environments),
  sessions: ({ credentials }) => keys(credentials.session),
  'API key sent as': ({ apiKeyHeader }) => apiKeyHeader,
  'version headers': ({ versionHeaders }) => (versionHeaders ? 'yes' : 'no'),
  'workspace id': ({ workspaceRequired }) => (workspaceRequired ? 'required' : 'optional'),
  'environment keys': ({ environmentKeys }) => (environmentKeys ? 'yes' : 'no'),
  'keys made in the Console': ({ keysFromConsole }) => (keysFromConsole ? 'yes' : 'no'),
  'page size': ({ maxPageSize }) => `${maxPageSize}`,
  'page size of environments': ({ maxEnvironmentsPageSize }) => `${maxEnvironmentsPageSize}`,
  paging: ({ paging }) => (paging === 'cursor' ? 'next_page' : 'next_page or last_id'),
  started_at: ({ startedAtIsEnqueueStamp }) => (startedAtIsEnqueueStamp ? 'enqueue stamp' : 'first heartbeat'),
  ids: ({ idsRotate }) => (idsRotate ? 'rotate' : 'stay'),
  'stale heartbeat': ({ staleHeartbeatSeconds }) => `${staleHeartbeatSeconds} s`,
};

it('docs/design/providers.md shows the presets as they are', () => {
  const [header, , ...rows] = pageOf('docs/design/providers.md')
    .text.split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  expect(header!.slice(1)).toEqual(PROVIDERS);
  const shown = Object.fromEntries(rows.slice(0, Object.keys(ROWS).length).map(([label, ...cells]) => [label, cells]));
  const actual = Object.entries(ROWS).map(([label, say]) => [label, PROVIDERS.map((name) => say(PRESETS[name]))]);
  expect(shown).toEqual(Object.fromEntries(actual));
});

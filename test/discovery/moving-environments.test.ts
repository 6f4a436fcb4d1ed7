import { expect, it } from 'vitest';
import type { RemoteEnvironment } from '../../src/client/work-api.ts';
import { Discovery } from '../../src/discovery/discovery.ts';
import { apiError } from '../support/api-errors.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { environmentsPage, ScriptedWorkApi } from '../support/scripted-work-api.ts';

const INTERVAL = 300_000;
const named = (name: string): RemoteEnvironment => ({
  id: `env_${name}`,
  name,
  configType: 'self_hosted',
  archived: false,
});

const ignore = () => {};

/** What each listing shows, page by page; `!` is one that fails. */
type Listing = readonly string[] | '!';

async function listings(...shown: readonly Listing[]) {
  const clock = new ManualClock();
  const api = new ScriptedWorkApi();
  const left = [...shown];
  let pages: readonly string[] = [];
  api.onEnvironments = ({ page }) => {
    if (page === null) {
      const next = left.shift();
      if (next === undefined || next === '!') throw apiError('server_error', { httpStatus: 500 });
      pages = next;
    }
    const at = Number(page ?? 0);
    return environmentsPage([...pages[at]!].map(named), at + 1 < pages.length ? String(at + 1) : null);
  };
  const found: string[] = [];
  const discovery = new Discovery({
    connection: 'default',
    api,
    intervalMs: INTERVAL,
    pageSize: 1000,
    fallbackPageSize: 100,
    clock,
    random: () => 0.5,
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    found: ({ environments }) => found.push(environments.map(({ name }) => name).join('')),
    tried: (failure) => failure !== null && found.push('!'),
    chainBroken: () => {},
  });
  discovery.start();
  await clock.advance(INTERVAL);
  await discovery.stop();
  return { found, unread: left.length };
}

it.each<[what: string, shown: readonly Listing[], found: readonly string[]]>([
  [
    'moves to a page that was read already',
    [
      ['ab', 'cd'],
      ['ab', 'd'],
      ['ab', 'cd'],
    ],
    ['abcd', 'abdc'],
  ],
  [
    'moves again, while another one moves',
    [
      ['ab', 'cd'],
      ['ab', 'd'],
      ['b', 'cd'],
    ],
    ['abcd', 'abdc'],
  ],
  [
    'is deleted',
    [
      ['ab', 'cd'],
      ['ab', 'd'],
      ['ab', 'd'],
    ],
    ['abcd', 'abd'],
  ],
  ['is deleted, so that one page is left', [['ab', 'c'], ['ab']], ['abc', 'ab']],
  ['is deleted from a list of one page', [['abc'], ['ab']], ['abc', 'ab']],
  [
    'is new',
    [
      ['ab', 'cd'],
      ['ab', 'cde'],
    ],
    ['abcd', 'abcde'],
  ],
  ['is missing, and the second look fails', [['ab', 'cd'], ['ab', 'd'], '!', ['ab', 'cd']], ['abcd', '!']],
])('an environment that %s', async (_, shown, expected) => {
  const { found, unread } = await listings(...shown);
  expect({ found, unread }).toEqual({ found: expected, unread: expected.includes('!') ? 1 : 0 });
});

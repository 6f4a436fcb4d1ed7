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
    known: [],
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
  // The regular look, the second one, and a third after a failure.
  await clock.advance(INTERVAL + 2 * 15_000);
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
    ['abcd', 'abdc', 'abcd'],
  ],
  [
    'moves, and another one moves after it',
    [
      ['ab', 'cd'],
      ['ab', 'd'],
      ['b', 'cd'],
      ['ab', 'cd'],
    ],
    ['abcd', 'abdc', 'bcda', 'abcd'],
  ],
  [
    'is deleted',
    [
      ['ab', 'cd'],
      ['ab', 'd'],
      ['ab', 'd'],
    ],
    ['abcd', 'abdc', 'abd'],
  ],
  ['is deleted, so that one page is left', [['ab', 'c'], ['ab'], ['ab']], ['abc', 'abc', 'ab']],
  ['is deleted from a list of one page', [['abc'], ['ab'], ['ab']], ['abc', 'abc', 'ab']],
  ['is missing beside all others, once', [['abc'], [''], ['abc']], ['abc', 'abc', 'abc']],
  ['is missing beside all others, twice', [['abc'], [''], ['']], ['abc', 'abc', '']],
  ['is missing, and comes back before the next look', [['abc'], ['bc'], ['abc'], ['bc']], ['abc', 'bca', 'abc']],
  [
    'is new',
    [
      ['ab', 'cd'],
      ['ab', 'cde'],
    ],
    ['abcd', 'abcde'],
  ],
  ['is missing, and the second look fails', [['abc'], ['ab'], '!', ['ab']], ['abc', 'abc', '!', 'ab']],
])('an environment that %s', async (_, shown, expected) => {
  const { found, unread } = await listings(...shown);
  expect({ found, unread }).toEqual({ found: expected, unread: shown.length - expected.length });
});

import { describe, expect, it } from 'vitest';
import { BoundedFiles } from '../../../src/base/files.ts';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load/load-config.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { CONFIG_PATH, memoryFiles, systemError } from '../support.ts';

const DIRECTORY = '/keys';
const CONFIGURATION = `
api: {api_key: k}
discovery: {enabled: true, environment_keys_dir: ${DIRECTORY}}
`;

/** What the directory holds at the first look, and at later ones; null stands for a directory that is gone. */
interface Situation {
  readonly what: string;
  readonly first: Readonly<Record<string, string | Error>>;
  readonly later: Readonly<Record<string, string | Error>> | null;
  /** The faults that are told. */
  readonly faults: readonly string[];
}

const GONE = systemError('ENOENT');
const SITUATIONS: readonly Situation[] = [
  {
    what: 'a file is removed after the listing',
    first: { env_a: 'key', env_b: GONE },
    later: { env_a: 'key' },
    faults: [],
  },
  { what: 'all files are', first: { env_a: GONE, env_b: GONE }, later: {}, faults: [] },
  { what: 'the directory is', first: { env_a: GONE, env_b: GONE }, later: null, faults: [] },
  {
    what: 'a link leads nowhere',
    first: { env_a: GONE, env_b: 'key' },
    later: { env_a: GONE, env_b: 'key' },
    faults: ['file /keys/env_a does not exist'],
  },
  {
    what: 'one file is removed, and another may not be read',
    first: { env_a: GONE, env_b: systemError('EACCES') },
    later: { env_b: systemError('EACCES') },
    faults: ['file /keys/env_b may not be read by this user'],
  },
  {
    what: 'a file is empty',
    first: { env_a: '', env_b: 'key' },
    later: { env_a: '', env_b: 'key' },
    faults: ['the environment key is empty (file /keys/env_a)'],
  },
  { what: 'an empty file is removed', first: { env_a: '', env_b: 'key' }, later: { env_b: 'key' }, faults: [] },
];

/** Files that are as in `first` until the directory has been listed once, apart from the names in it. */
function changingFiles({ first, later }: Situation) {
  const inDirectory = (contents: Situation['first']) =>
    Object.fromEntries(Object.entries(contents).map(([name, content]) => [`${DIRECTORY}/${name}`, content]));
  const files = memoryFiles({ [CONFIG_PATH]: CONFIGURATION, ...inDirectory(first) });
  let listings = 0;
  return {
    ...files,
    readdir: (path: string) => {
      listings += 1;
      if (listings === 1) return files.readdir(path);
      if (later === null) throw systemError('ENOENT');
      return Object.keys(later);
    },
  };
}

describe.each(SITUATIONS)('when $what while a directory of keys is read', (situation) => {
  const usable = Object.keys(situation.first).filter((name) => situation.first[name] === 'key');

  it('the configuration has the other keys, and a notice of each file that is there and cannot be used', async () => {
    const loaded = await loadConfig({ path: CONFIG_PATH, env: {}, files: changingFiles(situation) });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    expect([...loaded.config.discovery.environmentKeys.keys()]).toEqual(usable);
    expect(loaded.notices.map(({ what }) => what)).toEqual(situation.faults);
    const { unusableKeys } = loaded.config.discovery;
    expect([...unusableKeys.values()].map(({ what }) => what)).toEqual(situation.faults);
  });
});

it('a key file that does not answer takes one deadline, and no other key is read meanwhile', async () => {
  const inMemory = memoryFiles({ [CONFIG_PATH]: CONFIGURATION, '/keys/env_a': 'key' });
  const clock = new ManualClock();
  const files = new BoundedFiles(
    {
      readFile: (path, limit) =>
        path.endsWith('env_b') ? new Promise<Uint8Array>(() => {}) : inMemory.readFile(path, limit),
      readdir: () => ['env_a', 'env_b', 'env_c'],
    },
    clock,
  );
  const loading = loadConfig({ path: CONFIG_PATH, env: {}, files });
  await clock.advance(10_000);
  const loaded = await loading;
  expect(loaded).toMatchObject({
    ok: true,
    notices: [
      { what: expect.stringContaining('env_b does not answer') },
      { what: expect.stringContaining('env_c is not read while the file /keys/env_b does not answer') },
    ],
  });
  expect([...(loaded as unknown as { config: Config }).config.discovery.environmentKeys.keys()]).toEqual(['env_a']);
});

import { describe, expect, it } from 'vitest';
import { bringPrograms } from './bring.ts';
import { fakeMachine } from './fake-machine.ts';
import { PROGRAMS, type Program } from './programs.ts';

const templates = PROGRAMS.flatMap(({ reads = [] }) => reads);
const alertmanager = ['prometheus-alertmanager', 'amtool', ...templates];
const others = { openssl: ['openssl'], curl: ['curl'], jq: ['jq'], git: ['git'] };

/** Where Chromium is a snap only, which no container runs. */
const CHROME = 'npx --no-install playwright-core install chrome';

/** What each release offers, and what is in it. */
const RELEASES = {
  'Debian 12': {
    prometheus: ['prometheus', 'promtool'],
    'prometheus-alertmanager': alertmanager,
    ...others,
    chromium: ['chromium'],
  },
  'Debian 13': {
    prometheus: ['prometheus'],
    promtool: ['promtool'],
    'prometheus-alertmanager': alertmanager,
    ...others,
    chromium: ['chromium'],
  },
  'Ubuntu 24.04': {
    prometheus: ['prometheus', 'promtool'],
    'prometheus-alertmanager': alertmanager,
    ...others,
    [CHROME]: ['google-chrome'],
  },
};

const one = (name: string, more: Partial<Program> = {}): Program => ({
  names: [name],
  purpose: `needs ${name}`,
  packages: [name],
  ...more,
});

/** What bringing says, to its end. */
function brought(programs: readonly Program[], machine: ReturnType<typeof fakeMachine>, how: 'unpack' | 'install') {
  const said: string[] = [];
  try {
    bringPrograms(programs, machine, how, (line) => said.push(line));
    return { said, error: null };
  } catch (error) {
    return { said, error: (error as Error).message };
  }
}

describe('bringing programs', () => {
  it.each(Object.entries(RELEASES))('gets all that `npm test` runs on a new %s, at once', (_release, offers) => {
    const machine = fakeMachine({ offers });
    expect(brought(PROGRAMS, machine, 'unpack').error).toBe(null);
    const packages = Object.keys(offers).filter((name) => name !== CHROME);
    expect(machine.log).toEqual(['update', `unpack ${packages.join(' ')}`, ...(CHROME in offers ? [CHROME] : [])]);
  });

  it('leaves a machine alone that has them all, and says nothing', () => {
    const machine = fakeMachine({ has: [...PROGRAMS.map(({ names }) => names.at(-1)!), ...templates], offers: {} });
    expect(brought(PROGRAMS, machine, 'unpack')).toEqual({ said: [], error: null });
    expect(machine.log).toEqual([]);
  });

  it('says what is missing and what for, before it takes minutes', () => {
    const machine = fakeMachine({ has: ['b'], offers: { a: ['a'] } });
    expect(brought([one('a'), one('b')], machine, 'unpack').said.slice(1, -1)).toEqual(['  a: needs a']);
  });

  it('takes a program as missing without the files that it reads', () => {
    const machine = fakeMachine({ has: ['a'], offers: { a: ['/its/file'] } });
    expect(brought([one('a', { reads: ['/its/file'] })], machine, 'unpack').error).toBe(null);
    expect(machine.log).toEqual(['update', 'unpack a']);
  });

  it('installs what works only where its package puts it', () => {
    const machine = fakeMachine({ offers: { a: ['a'] } });
    brought([one('a')], machine, 'install');
    expect(machine.log).toEqual(['update', 'install a']);
  });
});

describe('what is missing even so', () => {
  it('is named, with what for, and one command', () => {
    const machine = fakeMachine({ offers: { a: [], prometheus: [] } });
    const { error } = brought([one('promtool', { packages: ['promtool', 'prometheus'] }), one('a')], machine, 'unpack');
    expect(error).toBe(
      [
        'The tests run real programs, and this machine lacks',
        '  promtool: needs promtool',
        '  a: needs a',
        'Run: sudo apt-get update && sudo apt-get install -y --no-install-recommends prometheus a',
      ].join('\n'),
    );
  });

  it('needs no sudo where one is root', () => {
    const { error } = brought([one('a')], fakeMachine({ root: true, offers: { a: [] } }), 'install');
    expect(error).toContain('Run: apt-get update && apt-get install -y --no-install-recommends a');
  });

  it('has another way where apt has no package', () => {
    const machine = fakeMachine({ offers: { 'snap install a': [] } });
    const { error } = brought([one('a', { otherwise: ['snap', 'install', 'a'] })], machine, 'unpack');
    expect(error).toContain('Run: sudo snap install a');
  });

  it('is left to the reader where nothing is known to bring it', () => {
    const { error } = brought([one('a')], fakeMachine({ offers: {} }), 'unpack');
    expect(error).toContain('Install by hand, so that the PATH leads to it: a');
  });
});

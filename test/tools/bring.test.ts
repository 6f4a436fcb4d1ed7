import { describe, expect, it } from 'vitest';
import { bringPrograms, offeredPackages } from './bring.ts';
import { complaint } from './complaint.ts';
import { fakeMachine } from './fake-machine.ts';
import { PROGRAMS, type Program } from './programs.ts';

const templates = PROGRAMS.flatMap(({ names }) => names.filter((name) => name.startsWith('/')));
const alertmanager = ['prometheus-alertmanager', 'amtool', ...templates];

/** Where Chromium is a snap only, which no container runs. */
const CHROME = 'npx --no-install playwright-core install chrome';

/** What each release offers, and what is in it. */
const RELEASES = {
  'Debian 12': {
    offers: {
      prometheus: ['prometheus', 'promtool'],
      'prometheus-alertmanager': alertmanager,
      systemd: ['systemd-analyze'],
      openssl: ['openssl'],
      curl: ['curl'],
      jq: ['jq'],
      buildah: ['buildah'],
      mmdebstrap: ['mmdebstrap'],
      git: ['git'],
      chromium: ['chromium'],
    },
    takes: [
      'prometheus',
      'prometheus-alertmanager',
      'systemd',
      'openssl',
      'curl',
      'jq',
      'chromium',
      'buildah',
      'mmdebstrap',
      'git',
    ],
  },
  'Debian 13': {
    offers: {
      prometheus: ['prometheus'],
      promtool: ['promtool'],
      'prometheus-alertmanager': alertmanager,
      systemd: ['systemd-analyze'],
      openssl: ['openssl'],
      curl: ['curl'],
      jq: ['jq'],
      buildah: ['buildah'],
      mmdebstrap: ['mmdebstrap'],
      git: ['git'],
      chromium: ['chromium'],
    },
    takes: [
      'prometheus',
      'promtool',
      'prometheus-alertmanager',
      'systemd',
      'openssl',
      'curl',
      'jq',
      'chromium',
      'buildah',
      'mmdebstrap',
      'git',
    ],
  },
  'Ubuntu 24.04': {
    offers: {
      prometheus: ['prometheus', 'promtool'],
      'prometheus-alertmanager': alertmanager,
      systemd: ['systemd-analyze'],
      openssl: ['openssl'],
      curl: ['curl'],
      jq: ['jq'],
      buildah: ['buildah'],
      mmdebstrap: ['mmdebstrap'],
      git: ['git'],
      [CHROME]: ['google-chrome'],
    },
    takes: [
      'prometheus',
      'prometheus-alertmanager',
      'systemd',
      'openssl',
      'curl',
      'jq',
      CHROME,
      'buildah',
      'mmdebstrap',
      'git',
    ],
  },
};

const one = (name: string, more: Partial<Program> = {}): Program => ({
  names: [name],
  purpose: `needs ${name}`,
  packages: [name],
  unpacks: true,
  ...more,
});

/** Whether a package does not work where it is only unpacked. */
const installsOnly = (name: string) => PROGRAMS.some(({ packages, unpacks }) => packages.includes(name) && !unpacks);

describe.each(Object.entries(RELEASES))('a new %s', (_release, { offers, takes }) => {
  it.each(['install', 'unpack'] as const)('gets every program: %s', (how) => {
    const machine = fakeMachine({ has: ['npx'], offers, newMachine: true });
    expect(bringPrograms(PROGRAMS, machine, how)).toEqual([]);
    const hows = takes.map((name) => (installsOnly(name) ? 'install' : how));
    expect(machine.log).toEqual([
      'update',
      ...takes.map((name, index) => (name === CHROME ? name : `${hows[index]} ${name}`)),
    ]);
  });
});

describe('bringing programs', () => {
  it('leaves a machine alone that has them all', () => {
    const machine = fakeMachine({ has: PROGRAMS.map(({ names }) => names[0]), offers: {} });
    expect(bringPrograms(PROGRAMS, machine, 'install')).toEqual([]);
    expect(machine.log).toEqual([]);
  });

  it('takes a program under any of its names', () => {
    const machine = fakeMachine({ has: ['google-chrome'], offers: {} });
    expect(bringPrograms([one('chromium', { names: ['chromium', 'google-chrome'] })], machine, 'install')).toEqual([]);
  });

  it.each(['install', 'unpack'] as const)('goes on after one that fails: %s', (how) => {
    const offers = { a: ['a'], b: ['b'], c: ['c'] };
    const machine = fakeMachine({ offers, fails: ['a', 'update'] });
    expect(bringPrograms([one('a'), one('b'), one('c')], machine, how).map(({ names }) => names[0])).toEqual(['a']);
    expect(machine.log).toEqual([`${how} a`, `${how} b`, `${how} c`, 'update']);
  });

  it('tries again with new package lists', () => {
    const machine = fakeMachine({ offers: { a: ['a'] }, fails: ['a'] });
    bringPrograms([one('a')], machine, 'unpack');
    expect(machine.log).toEqual(['unpack a', 'update', 'unpack a']);
  });

  it('tries the next package when the first does not bring the program', () => {
    const machine = fakeMachine({ offers: { promtool: [], prometheus: ['promtool'] } });
    expect(bringPrograms(PROGRAMS.slice(1, 2), machine, 'unpack')).toEqual([]);
    expect(machine.log).toEqual(['unpack promtool', 'unpack prometheus']);
  });

  it('installs what would not run where it is unpacked', () => {
    const machine = fakeMachine({ offers: { a: ['a'] } });
    bringPrograms([one('a', { unpacks: false })], machine, 'unpack');
    expect(machine.log).toEqual(['install a']);
  });

  it('goes another way where apt has no package', () => {
    const program = one('a', { otherwise: ['snap', 'install', 'a'] });
    const machine = fakeMachine({ has: ['snap'], offers: {} });
    expect(bringPrograms([program], machine, 'install')).toEqual([]);
    expect(machine.log).toEqual(['update', 'snap install a']);
  });

  it.each([
    ['apt has a package that fails', { has: ['snap'], offers: { a: [] } }],
    ['the other way is not there', { offers: {} }],
  ])('does not go another way where %s', (_case, options) => {
    const machine = fakeMachine(options);
    expect(bringPrograms([one('a', { otherwise: ['snap', 'install', 'a'] })], machine, 'install')).toHaveLength(1);
    expect(machine.log).not.toContain('snap install a');
  });
});

describe('the complaint', () => {
  const programs = [one('promtool', { packages: ['promtool', 'prometheus'] }), one('amtool')];

  it('names each program, what for, and one command', () => {
    const machine = fakeMachine({ offers: { prometheus: [], amtool: [] } });
    expect(complaint(programs, machine)).toBe(
      [
        'The tests run real programs, and this machine lacks',
        '  promtool: it needs promtool',
        '  amtool: it needs amtool',
        'Run: sudo apt-get update && sudo apt-get install -y --no-install-recommends prometheus amtool',
      ].join('\n'),
    );
  });

  it('the complaint names no sudo where one is root', () => {
    const machine = fakeMachine({ root: true, offers: { prometheus: [], amtool: [] } });
    expect(complaint(programs, machine)).toContain(
      'Run: apt-get update && apt-get install -y --no-install-recommends prometheus amtool',
    );
  });

  it('says the other way where apt has no package', () => {
    const machine = fakeMachine({ offers: {} });
    expect(complaint([one('a', { otherwise: ['snap', 'install', 'a'] })], machine)).toContain(
      'Run: sudo snap install a',
    );
  });

  it('says so where nothing is known to bring it', () => {
    expect(complaint(programs, fakeMachine({ offers: { amtool: [] } }))).toContain(
      'Install by hand, so that the PATH leads to it: promtool (apt does not offer promtool or prometheus)',
    );
  });
});

it('a package is asked for by what apt offers, in the order of the table', () => {
  const machine = fakeMachine({ offers: { prometheus: [], promtool: [] } });
  expect(PROGRAMS.slice(1, 2).map((program) => offeredPackages(program, machine))).toEqual([
    ['promtool', 'prometheus'],
  ]);
});

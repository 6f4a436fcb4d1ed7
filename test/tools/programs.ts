/** A real program of the machine that the tests run, or a file that such a program needs. */
export interface Program {
  /** The names it goes by, the preferred one first; a path means a file. */
  readonly names: readonly [string, ...string[]];
  /** What is not tested without it: ends the sentence "… is missing: it …". */
  readonly purpose: string;
  /** Packages of Debian and Ubuntu that may bring it. The first that apt offers is taken. */
  readonly packages: readonly [string, ...string[]];
  /** Whether the package works where it is unpacked. Else it has to be installed, with what it depends on. */
  readonly unpacks: boolean;
  /** What brings it where apt offers none of the packages. */
  readonly otherwise?: readonly [string, ...string[]];
}

/** Debian's Alertmanager looks for its templates here and nowhere else. */
const TEMPLATES = '/usr/share/prometheus/alertmanager';

/**
 * By program, since a package's name and content change from release to release: promtool is part of `prometheus` on
 * Debian 12 and a package of its own on Debian 13, and Ubuntu has Chromium
 * as a snap only, which does not run in a container: there, Playwright fetches Chrome.
 */
export const PROGRAMS: readonly Program[] = [
  {
    names: ['prometheus'],
    purpose: 'scrapes the exporter and evaluates rules and panels',
    packages: ['prometheus'],
    unpacks: true,
  },
  {
    names: ['promtool'],
    purpose: 'reads the exposition and runs the rule cases',
    packages: ['promtool', 'prometheus'],
    unpacks: true,
  },
  {
    names: ['prometheus-alertmanager'],
    purpose: 'routes the alerts that the rules raise',
    packages: ['prometheus-alertmanager'],
    unpacks: true,
  },
  {
    names: ['amtool'],
    purpose: 'reads the example configuration of Alertmanager',
    packages: ['amtool', 'prometheus-alertmanager'],
    unpacks: true,
  },
  ...['default.tmpl', 'email.tmpl'].map(
    (file): Program => ({
      names: [`${TEMPLATES}/${file}`],
      purpose: 'is read by prometheus-alertmanager at every start',
      packages: ['prometheus-alertmanager'],
      unpacks: true,
    }),
  ),
  {
    names: ['systemd-analyze'],
    purpose: 'reads the systemd unit and rates how closed it is',
    packages: ['systemd'],
    unpacks: false,
  },
  {
    names: ['openssl'],
    purpose: 'makes the certificates of the TLS tests',
    packages: ['openssl'],
    unpacks: true,
  },
  // Not unpacked: both stand on libraries that their packages depend on.
  ...['curl', 'jq'].map(
    (name): Program => ({
      names: [name],
      purpose: 'runs the commands of the runbooks',
      packages: [name],
      unpacks: false,
    }),
  ),
  {
    names: ['chromium', 'google-chrome', 'google-chrome-stable'],
    purpose: 'opens the status page',
    packages: ['chromium'],
    unpacks: false,
    otherwise: ['npx', '--no-install', 'playwright-core', 'install', 'chrome'],
  },
  // Not unpacked: both call programs that their packages depend on.
  {
    names: ['buildah'],
    purpose: 'builds the image and gives access to its root filesystem',
    packages: ['buildah'],
    unpacks: false,
  },
  {
    names: ['mmdebstrap'],
    purpose: 'makes what the image is built on',
    packages: ['mmdebstrap'],
    unpacks: false,
  },
  {
    names: ['git'],
    purpose: 'makes the checkouts in which the pre-commit hook is tried',
    packages: ['git'],
    unpacks: true,
  },
];

/** Builds what is pinned as Go modules; not needed where all of it is in the cache. */
export const GO: Program = {
  names: ['go'],
  purpose: 'builds the programs that test/tools pins as Go modules',
  packages: ['golang-go'],
  unpacks: false,
};

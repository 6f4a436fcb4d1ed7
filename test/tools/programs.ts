/** A real program that the tests run and that a machine may lack. */
export interface Program {
  /** The names it goes by, the preferred one first. */
  readonly names: readonly [string, ...string[]];
  /** What is not tested without it: "prometheus scrapes the exporter …". */
  readonly purpose: string;
  /** Packages of Debian and Ubuntu that may bring it. The first that apt offers is taken. */
  readonly packages: readonly [string, ...string[]];
  /** A file that it reads at this path and nowhere else, wherever it is itself. */
  readonly reads?: readonly string[];
  /** With these arguments it succeeds only if the machine has all of it, where packages bring only a part. */
  readonly wholeIf?: readonly string[];
  /** Where the program is in the unpacked package, if not `usr/bin/NAME`. */
  readonly file?: string;
  /** What tells it where its files are, once it is unpacked into this folder. */
  readonly variables?: (folder: string) => Readonly<Record<string, string>>;
  /** What brings it where apt offers none of the packages. */
  readonly otherwise?: readonly [string, ...string[]];
}

const TEMPLATES = '/usr/share/prometheus/alertmanager';

/**
 * What `npm test` runs, by program, since a package's name and content change from release to release: promtool is part
 * of `prometheus` on Debian 12 and a package of its own on Debian 13. Ubuntu has Chromium as a snap only, which does not
 * run in a container: there, Playwright fetches Chrome.
 */
export const PROGRAMS: readonly Program[] = [
  {
    names: ['prometheus'],
    purpose: 'scrapes the exporter and evaluates rules and panels',
    packages: ['prometheus'],
  },
  {
    names: ['promtool'],
    purpose: 'reads the exposition and runs the rule cases',
    packages: ['promtool', 'prometheus'],
  },
  {
    names: ['prometheus-alertmanager'],
    purpose: 'routes the alerts that the rules raise',
    packages: ['prometheus-alertmanager'],
    // Debian's looks for its templates here and nowhere else.
    reads: [`${TEMPLATES}/default.tmpl`, `${TEMPLATES}/email.tmpl`],
  },
  {
    names: ['amtool'],
    purpose: 'reads the example configuration of Alertmanager',
    packages: ['amtool', 'prometheus-alertmanager'],
  },
  {
    names: ['openssl'],
    purpose: 'makes the certificates of the TLS tests',
    packages: ['openssl'],
    variables: (folder) => ({ OPENSSL_CONF: `${folder}/etc/ssl/openssl.cnf` }),
  },
  { names: ['curl'], purpose: 'runs the commands of the runbooks', packages: ['curl'] },
  { names: ['jq'], purpose: 'runs the commands of the runbooks', packages: ['jq'] },
  {
    names: ['git'],
    purpose: 'says which files it would leave out',
    packages: ['git'],
    variables: (folder) => ({
      GIT_EXEC_PATH: `${folder}/usr/lib/git-core`,
      GIT_TEMPLATE_DIR: `${folder}/usr/share/git-core/templates`,
    }),
  },
  {
    names: ['chromium', 'google-chrome', 'google-chrome-stable'],
    purpose: 'opens the status page',
    packages: ['chromium'],
    // What is in usr/bin is a script that starts this by its full path.
    file: 'usr/lib/chromium/chromium',
    variables: (folder) => ({ FONTCONFIG_FILE: `${folder}/fonts.conf` }),
    otherwise: ['npx', '--no-install', 'playwright-core', 'install', 'chrome'],
  },
];

/** What `npm run test:deploy` runs beside them. Each calls or reads what its package depends on, at fixed paths. */
export const DEPLOY_PROGRAMS: readonly Program[] = [
  {
    names: ['systemd-analyze'],
    purpose: 'reads the systemd unit and rates how closed it is',
    packages: ['systemd'],
  },
  {
    names: ['buildah'],
    purpose: 'builds the image and gives access to its root filesystem',
    packages: ['buildah'],
  },
  { names: ['mmdebstrap'], purpose: 'makes what the image is built on', packages: ['mmdebstrap'] },
];

/** Not needed where all that it installs is in the cache, except to run it. */
export const PYTHON: Program = {
  names: ['python3'],
  purpose: 'runs the official SDK for Python, which it installs into an environment of its own',
  packages: ['python3-venv'],
  // Debian's python3 alone cannot make such an environment.
  wholeIf: ['-c', 'import ensurepip, venv'],
};

/** Not needed where all that it builds is in the cache. */
export const GO: Program = {
  names: ['go'],
  purpose: 'builds the programs that test/tools pins as Go modules',
  packages: ['golang-go'],
};

import type { Path } from './option-tree.ts';

/** The option of the same section that is meant, or another remedy. */
type Meant = { readonly option: string } | { readonly remedy: string };

const CERTIFICATE: Meant = { remedy: 'certificates are always checked; name one to trust in ca_file' };
const LABEL: Meant = { remedy: 'it belongs under labels' };
const EVERY_ENTRY: Meant = {
  remedy: 'every entry is watched: remove the entry, or did you mean enabled under sessions?',
};
const LISTEN: Meant = { remedy: 'did you mean listen under server?' };
const ENTRY: Meant = { remedy: 'name it under environments, as in - id: env_…' };
const KEY_OF_API: Meant = { remedy: 'it belongs under api, as api_key or api_key_file' };
const METRICS_PATH: Meant = { remedy: 'the path of the metrics is always /metrics' };
const PROXY: Meant = { remedy: 'name the proxy in the environment variable HTTPS_PROXY' };
const READS: Meant = { remedy: 'did you mean stats_interval or list_interval?' };
const READS_OF_POLL: Meant = { remedy: 'did you mean stats_interval and list_interval under poll?' };
const STDERR: Meant = { remedy: 'the log always goes to stderr' };
const WEB_FILE: Meant = { remedy: 'certificates and logins belong in the file that web_config_file names' };

/**
 * Names that other programs, or people, use for options of this program, by section. Names that are similar to an option are
 * found without this table. In lower case, without `_` and `-`.
 */
export const NAMES_ELSEWHERE: Readonly<Record<string, Readonly<Record<string, Meant>>>> = {
  top: {
    address: LISTEN,
    alerts: { option: 'thresholds' },
    apikey: KEY_OF_API,
    apikeyfile: KEY_OF_API,
    apitoken: KEY_OF_API,
    apitokenfile: KEY_OF_API,
    authkey: KEY_OF_API,
    authkeyfile: KEY_OF_API,
    authtoken: KEY_OF_API,
    authtokenfile: KEY_OF_API,
    autoscaling: { option: 'scaling' },
    bind: LISTEN,
    datadir: { option: 'state_file' },
    debug: { remedy: 'did you mean level under log?' },
    environmentid: ENTRY,
    environmentids: ENTRY,
    envs: { option: 'environments' },
    host: LISTEN,
    interval: READS_OF_POLL,
    key: KEY_OF_API,
    keyfile: KEY_OF_API,
    listenaddress: LISTEN,
    logging: { option: 'log' },
    metricspath: METRICS_PATH,
    polling: { option: 'poll' },
    port: LISTEN,
    proxy: PROXY,
    replicas: { option: 'shard' },
    scrapeinterval: READS_OF_POLL,
    sharding: { option: 'shard' },
    storage: { option: 'state_file' },
    telemetrypath: METRICS_PATH,
    tls: { remedy: 'certificates and logins belong in the file that server.web_config_file names' },
    token: KEY_OF_API,
    tokenfile: KEY_OF_API,
    verbose: { remedy: 'did you mean level under log?' },
    webconfig: { remedy: 'did you mean web_config_file under server?' },
  },
  connection: {
    address: { option: 'base_url' },
    apikeypath: { option: 'api_key_file' },
    apitoken: { option: 'api_key' },
    authtoken: { option: 'api_key' },
    bearertoken: { option: 'api_key' },
    bearertokenfile: { option: 'api_key_file' },
    cabundle: { option: 'ca_file' },
    cacert: { option: 'ca_file' },
    cacertificate: { option: 'ca_file' },
    concurrency: { option: 'max_concurrent_requests' },
    credentials: { option: 'api_key' },
    credentialsfile: { option: 'api_key_file' },
    endpoint: { option: 'base_url' },
    environment: ENTRY,
    environmentid: ENTRY,
    environmentids: ENTRY,
    host: { option: 'base_url' },
    insecure: CERTIFICATE,
    insecureskipverify: CERTIFICATE,
    key: { option: 'api_key' },
    keyfile: { option: 'api_key_file' },
    maxconcurrency: { option: 'max_concurrent_requests' },
    proxy: PROXY,
    proxyurl: PROXY,
    ratelimit: { option: 'requests_per_minute' },
    rpm: { option: 'requests_per_minute' },
    secret: { option: 'api_key' },
    timeoutms: { option: 'timeout' },
    timeoutseconds: { option: 'timeout' },
    tlsskipverify: CERTIFICATE,
    token: { option: 'api_key' },
    tokenfile: { option: 'api_key_file' },
    verify: CERTIFICATE,
  },
  environment: {
    alerts: { option: 'thresholds' },
    description: { option: 'name' },
    enabled: EVERY_ENTRY,
    envid: { option: 'id' },
    environment: { option: 'id' },
    environmentid: { option: 'id' },
    envkey: { option: 'environment_key' },
    envkeyfile: { option: 'environment_key_file' },
    interval: READS_OF_POLL,
    key: { option: 'environment_key' },
    keyfile: { option: 'environment_key_file' },
    owner: LABEL,
    secret: { option: 'environment_key' },
    tags: { option: 'labels' },
    team: LABEL,
    tier: LABEL,
    title: { option: 'name' },
    token: { option: 'environment_key' },
    tokenfile: { option: 'environment_key_file' },
  },
  server: {
    address: { option: 'listen' },
    auth: WEB_FILE,
    basicauth: WEB_FILE,
    bind: { option: 'listen' },
    certfile: WEB_FILE,
    host: { option: 'listen' },
    https: WEB_FILE,
    keyfile: WEB_FILE,
    listenaddress: { option: 'listen' },
    metricspath: METRICS_PATH,
    password: WEB_FILE,
    port: { option: 'listen' },
    telemetrypath: METRICS_PATH,
    tls: WEB_FILE,
    tlscert: WEB_FILE,
    tlscertfile: WEB_FILE,
    tlsconfig: WEB_FILE,
    tlskey: WEB_FILE,
    tlskeyfile: WEB_FILE,
  },
  discovery: {
    allow: { option: 'include' },
    deny: { option: 'exclude' },
    filter: { option: 'include' },
    ignore: { option: 'exclude' },
    match: { option: 'include' },
    names: { option: 'include' },
    patterns: { option: 'include' },
    refreshinterval: { option: 'interval' },
    skip: { option: 'exclude' },
  },
  poll: {
    concurrency: { remedy: 'did you mean max_concurrent_requests under api?' },
    every: READS,
    frequency: READS,
    interval: READS,
  },
  log: {
    file: STDERR,
    output: STDERR,
    verbosity: { option: 'level' },
  },
};

/** What is meant by a name that is unknown at its place; null if this table does not have it. */
export function meantElsewhere(path: Path): Meant | null {
  const names = NAMES_ELSEWHERE[sectionOf(path.slice(0, -1))] ?? {};
  const written = String(path.at(-1)).toLowerCase().replaceAll(/[_-]/g, '');
  return Object.hasOwn(names, written) ? names[written]! : null;
}

/** Whether a name beside the sections stands for a key that belongs under `api`. */
export function isKeyOfApi(path: Path): boolean {
  return meantElsewhere(path) === KEY_OF_API;
}

function sectionOf(parent: Path): string {
  const [section = 'top', name] = parent;
  if (parent.length <= 1) return section === 'api' ? 'connection' : String(section);
  if (parent.length > 2) return '';
  if (section === 'connections') return 'connection';
  return section === 'environments' && typeof name === 'number' ? 'environment' : '';
}

import type { Path } from './option-tree.ts';

/** An option of the same section, or what else to do. */
type Meant = { readonly option: string } | { readonly remedy: string };

const CERTIFICATE: Meant = { remedy: 'certificates are always checked; name one to trust in ca_file' };
const LISTEN: Meant = { remedy: 'did you mean listen under server?' };
const KEY_OF_API: Meant = { remedy: 'it belongs under api, as api_key or api_key_file' };
const PROXY: Meant = { remedy: 'name the proxy in the environment variable HTTPS_PROXY' };
const WEB_FILE: Meant = { remedy: 'certificates and logins belong in the file that web_config_file names' };

/**
 * Words that other programs, or people, have for what is an option here, by section; those that are near enough by
 * their letters are found without. In small letters, without `_` and `-`.
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
    debug: { remedy: 'did you mean level under log?' },
    host: LISTEN,
    key: KEY_OF_API,
    keyfile: KEY_OF_API,
    logging: { option: 'log' },
    polling: { option: 'poll' },
    port: LISTEN,
    scrapeinterval: { remedy: 'how often the API is read is stats_interval and list_interval under poll' },
    token: KEY_OF_API,
    tokenfile: KEY_OF_API,
    verbose: { remedy: 'did you mean level under log?' },
  },
  connection: {
    address: { option: 'base_url' },
    apitoken: { option: 'api_key' },
    authtoken: { option: 'api_key' },
    bearertoken: { option: 'api_key' },
    bearertokenfile: { option: 'api_key_file' },
    credentials: { option: 'api_key' },
    credentialsfile: { option: 'api_key_file' },
    host: { option: 'base_url' },
    insecure: CERTIFICATE,
    insecureskipverify: CERTIFICATE,
    key: { option: 'api_key' },
    keyfile: { option: 'api_key_file' },
    proxy: PROXY,
    proxyurl: PROXY,
    ratelimit: { option: 'requests_per_minute' },
    rpm: { option: 'requests_per_minute' },
    tlsskipverify: CERTIFICATE,
    secret: { option: 'api_key' },
    token: { option: 'api_key' },
    tokenfile: { option: 'api_key_file' },
    verify: CERTIFICATE,
  },
  environment: {
    envid: { option: 'id' },
    environmentid: { option: 'id' },
    key: { option: 'environment_key' },
    keyfile: { option: 'environment_key_file' },
    secret: { option: 'environment_key' },
    token: { option: 'environment_key' },
    tokenfile: { option: 'environment_key_file' },
  },
  server: {
    address: { option: 'listen' },
    basicauth: WEB_FILE,
    bind: { option: 'listen' },
    certfile: WEB_FILE,
    host: { option: 'listen' },
    https: WEB_FILE,
    keyfile: WEB_FILE,
    listenaddress: { option: 'listen' },
    port: { option: 'listen' },
    tls: WEB_FILE,
    tlsconfig: WEB_FILE,
  },
};

/** What a name that is unknown where it stands means elsewhere; null: nothing that is known here. */
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

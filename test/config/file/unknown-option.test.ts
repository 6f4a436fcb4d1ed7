import { describe, expect, it } from 'vitest';
import { meantByAlias } from '../../../src/config/file/meant-by-alias.ts';
import { OPTION_ALIASES } from '../../../src/config/file/option-aliases.ts';
import { knownKeys, type Path } from '../../../src/config/file/option-tree.ts';
import { problemsOf } from '../support.ts';

const KEY = { files: { '/etc/exporter/key': 'a-key' } };
const WATCHED = 'environments: [{id: env_1, environment_key: k}]\n';
const BELONGS_TO_API = 'it belongs under api, as api_key or api_key_file';
const API = 'api: {api_key_file: key}\n';

describe('one mistake is one problem', () => {
  it.each([
    ['a section with a slip', `${API}enviroments: [{id: env_1}]`, 'did you mean environments?'],
    ['a section in the singular', `${API}environment: [{id: env_1}]`, 'did you mean environments?'],
    ['discovery with a slip', `${API}discovrey: {enabled: true}`, 'did you mean discovery?'],
    ['a key in capitals', 'api: {apiKeyFile: key}\ndiscovery: {enabled: true}', 'did you mean api_key_file?'],
    [
      'a key of an environment with hyphens',
      'environments: [{id: e, environment-key: k}]',
      'did you mean environment_key?',
    ],
    ['a key beside its section', 'api_key_file: key\ndiscovery: {enabled: true}', BELONGS_TO_API],
    ['the id by its name elsewhere', 'environments: [{environment_id: env_1, environment_key: k}]', 'did you mean id?'],
    ['a key in capitals beside its section', `apiKey: key\ndiscovery: {enabled: true}`, BELONGS_TO_API],
    ['a token', `api: {token: key}\ndiscovery: {enabled: true}`, 'did you mean api_key?'],
    ['a token beside its section', `auth_token: key\ndiscovery: {enabled: true}`, BELONGS_TO_API],
    ['a file of a key beside its section', `key_file: key\ndiscovery: {enabled: true}`, BELONGS_TO_API],
    ['a file of a key', `api: {key_file: key}\ndiscovery: {enabled: true}`, 'did you mean api_key_file?'],
    ['a secret', `api: {secret: key}\ndiscovery: {enabled: true}`, 'did you mean api_key?'],
    ['a key of an environment, for short', 'environments: [{id: env_1, key: k}]', 'did you mean environment_key?'],
    ['a token of an environment', 'environments: [{id: env_1, token: k}]', 'did you mean environment_key?'],
    [
      'a file of a key of an environment',
      'environments: [{id: env_1, keyFile: /k}]',
      'did you mean environment_key_file?',
    ],
    ['a certificate that is not to be checked', `${WATCHED}api: {verify: false}`, 'name one to trust in ca_file'],
    ['a proxy', `${WATCHED}api: {proxy_url: "http://p:1"}`, 'name the proxy in the environment variable HTTPS_PROXY'],
    ['a rate limit', `${WATCHED}connections: {default: {rate_limit: 5}}`, 'did you mean requests_per_minute?'],
    ['a log by its name elsewhere', `${WATCHED}logging: {level: debug}`, 'did you mean log?'],
    ['a switch for it', `${WATCHED}verbose: true`, 'did you mean level under log?'],
    ['TLS', `${WATCHED}server: {tls: true}`, 'certificates and logins belong in the file that web_config_file names'],
    ['an address', `${WATCHED}server: {listen_address: ":1"}`, 'did you mean listen?'],
    ['a port', `${WATCHED}port: 9877`, 'did you mean listen under server?'],
    ['a port of the server', `${WATCHED}server: {port: 9877}`, 'did you mean listen?'],
    ['the host of the API', `${WATCHED}api: {host: example.com}`, 'did you mean base_url?'],
    ['a file of a token beside its section', 'auth_token_file: key\ndiscovery: {enabled: true}', BELONGS_TO_API],
    [
      'an interval of all reads',
      `${WATCHED}interval: 30s`,
      /^did you mean stats_interval and list_interval under poll/,
    ],
    [
      'an interval of one environment, which the sessions have, too',
      'environments: [{id: env_1, environment_key: k, interval: 30s}]',
      /^did you mean stats_interval and list_interval under poll/,
    ],
    [
      'an environment to leave out',
      'environments: [{id: env_1, environment_key: k, enabled: false}]',
      'every entry is watched: remove the entry, or did you mean enabled under sessions?',
    ],
    [
      'the id by the name of its section',
      'environments: [{environment: env_1, environment_key: k}]',
      'did you mean id?',
    ],
    ['a path of the metrics', `${WATCHED}server: {metrics_path: /m}`, 'the path of the metrics is always /metrics'],
    ['a file of the log', `${WATCHED}log: {file: /var/log/x}`, 'the log always goes to stderr'],
    ['a word that every object has', `${WATCHED}constructor: 1`, /^known here: connections/],
    [
      'connections as a list',
      `connections: [{name: a, api_key_file: key}]\nenvironments: [{id: env_1, environment_key: k}]`,
      'write the name of each before its options, as in main: {api_key_file: …}, without a dash',
    ],
    [
      'the values of the chart',
      'config:\n  api: {api_key_file: key}\n  environments: [{id: env_1}]',
      'leave it out, and move what is under it to the top of the file',
    ],
    [
      'environments below a connection',
      'connections: {prod: {api_key_file: key, environments: [{id: env_1}]}}',
      'it belongs at the top of the file',
    ],
    [
      'an environment as an option of a connection',
      'api: {api_key_file: key, environment_id: env_1}',
      /^name it under environments/,
    ],
    ['a filter of a discovery', `${API}discovery: {enabled: true, filter: ["prod-*"]}`, 'did you mean include?'],
    ['an owner beside the labels', `${API}environments: [{id: env_1, owner: me}]`, 'it belongs under labels'],
    [
      'an option of a connection as its name',
      `connections: {api_key_file: key}\nenvironments: [{id: env_1, environment_key: k}]`,
      'it is an option of a connection: put it under api, or under a name of your choice under connections',
    ],
  ])('%s', async (_, yaml, remedy) => {
    const problems = await problemsOf(yaml, KEY);
    const told = typeof remedy === 'string' ? remedy : expect.stringMatching(remedy);
    expect(problems.map((problem) => problem.split('; ').at(-1))).toEqual([told]);
  });

  it('and two are two: what is there as well is still checked', async () => {
    const problems = await problemsOf(`${API}environments: [{id: "a b"}]\nenviroments: [{id: env_1}]`, KEY);
    expect(problems).toEqual([
      expect.stringContaining('environments[0].id: must be an environment id'),
      expect.stringContaining('did you mean environments?'),
    ]);
  });

  it('an unknown map that holds no option of the file says what is known', async () => {
    const [problem] = await problemsOf(`${API}environments: [{id: env_1}]\nspec: {replicas: 2}`, KEY);
    expect(problem).toContain('unknown option "spec"; known here: ');
  });
});

it('names of other programs lead to options that there are', () => {
  const places: Readonly<Record<string, Path>> = {
    top: [],
    connection: ['api'],
    environment: ['environments', 0],
    server: ['server'],
    discovery: ['discovery'],
    poll: ['poll'],
    log: ['log'],
  };
  expect(Object.keys(OPTION_ALIASES)).toEqual(Object.keys(places));
  for (const [section, names] of Object.entries(OPTION_ALIASES)) {
    const known = knownKeys(places[section]!);
    for (const [name, meant] of Object.entries(names)) {
      expect(meantByAlias([...places[section]!, name])).toBe(meant);
      if ('option' in meant) expect(known).toContain(meant.option);
      // What is an option already would never be looked for.
      expect(known.map((key) => key.replaceAll('_', ''))).not.toContain(name);
    }
  }
});

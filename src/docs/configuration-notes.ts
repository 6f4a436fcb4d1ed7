export const INTRODUCTION = [
  'Check a file before you deploy it; all problems are reported at once, as `FILE:LINE:COL: OPTION: what; what to do`:',
  '',
  '    anthropic-work-exporter check --config exporter.yaml',
  '',
  'For editor support, use [configuration.schema.json](configuration.schema.json). [exporter.example.yaml](exporter.example.yaml) is a whole file with every default.',
  '',
  '- A flag overrides an environment variable, which overrides the file, which overrides the default.',
  '- The file is YAML 1.2 with anchors and merge keys (`<<`). An unknown key is an error. Paths are relative to the file.',
  `- \`\${NAME}\` as a whole value is replaced by that environment variable, which must be set.`,
  '- Durations are written as in Prometheus: `90s`, `1m30s`, `1d`. A number without a unit is an error. `never` or `.inf`, where allowed, means no limit.',
  '- `poll`, `sessions`, `thresholds`, `slo`, `scaling`, `metadata` and `exemplars` can be overridden per environment, option by option.',
  '- `warning` must not exceed `critical`. An unset maximum interval is raised to match its interval.',
  `- Give each key in a file (\`…_file\`), as \`\${NAME}\`, or inline. It is masked in every log, page and error. A key file holds nothing but the key: no quotes, no variable name.`,
  '- Files must be regular files or links to them, and readable within 10 s. Only a broken `state_file` is tolerated: the exporter runs without it.',
  '- API requests use the proxy in `HTTPS_PROXY` (or `HTTP_PROXY` for `http://`), except for hosts in `NO_PROXY`. `http://`, `https://` and `socks5://` proxies work; `ALL_PROXY` is ignored.',
].join('\n');

/** One example for each task; test/docs/examples.test.ts loads them all. */
export const EXAMPLES = [
  example(
    'Watch the environments whose names begin with `prod-`; a mounted secret holds their keys, one file for each, named after the environment ID:',
    'api: {api_key_file: /run/secrets/anthropic-api-key}',
    'discovery: {enabled: true, include: ["prod-*"], environment_keys_dir: /run/secrets/environment-keys}',
  ),
  example(
    'Tolerate longer waits in one environment:',
    'environments:',
    '  - {id: env_batch, thresholds: {queue_age: {warning: 30m, critical: 2h}}}',
  ),
  example(
    'Read two workspaces, each with its own key and budget:',
    'connections:',
    '  eu: {api_key_file: /run/secrets/eu-key, requests_per_minute: 120}',
    '  us: {api_key_file: /run/secrets/us-key}',
    'environments:',
    '  - {id: env_1, connection: eu}',
    '  - {id: env_2, connection: us}',
  ),
  example(
    'Keep counters across restarts, and use TLS:',
    'state_file: state/exporter.state',
    'server: {web_config_file: web-config.yml}',
    'environments: [{id: env_1}]',
  ),
].join('\n\n');

function example(task: string, ...lines: readonly string[]): string {
  return `${task}\n\n\`\`\`yaml\n${lines.join('\n')}\n\`\`\``;
}

export const KEYS_IN_THE_WRONG_PLACE = [
  'Names, labels, addresses, paths and command-line arguments are published or logged. A value that looks like a key is therefore an error everywhere except in `api_key` and `environment_key`, and the error does not show it. A value looks like a key if it contains',
  '',
  '- the prefix of a known key: `sk-ant-` (also in base64), a Google access token, a Qoder or GitHub token, an AWS access key ID, a JWT or a private key;',
  '- a random word: at least 32 characters of mixed case and digits. UUIDs and hexadecimal hashes are not affected;',
  '- one of the configured keys of at least 8 characters.',
  '',
  'A discovered environment whose name looks like a key is shown by its ID.',
].join('\n');

export const PROVIDER_NOTES = [
  'Replace what is in capitals in `base_url`. The first configured key is used, and the next one if the API refuses it. Only `anthropic` and `opensdlc` have environment keys; elsewhere one is an error.',
  '',
  '- `aws`: an API key of the AWS Console; SigV4 is not supported.',
  '- `google`: access tokens expire after one hour, so refresh the file in `api_key_file`. Untested against the real service.',
  '- `qoder`: a personal access token is the API key.',
].join('\n');

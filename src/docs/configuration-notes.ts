export const INTRODUCTION = [
  '`anthropic-work-exporter check --config FILE` reports all problems of the options in a file at once (of very many, the first hundred) and then, if there are none, all of what they name and of how they fit together, each as',
  '`FILE:LINE:COL: OPTION: what; what to do`, and how many requests a minute the configuration needs.',
  '[configuration.schema.json](configuration.schema.json) (also `anthropic-work-exporter schema`) lets an editor check the file while you type.',
  '',
  '- A flag overrides an environment variable, which overrides the file, which overrides the default.',
  '- The file is YAML 1.2, with anchors, aliases and merge keys (`<<`). An unknown key is an error, so set an anchor where its value is first used.',
  `- \`\${NAME}\` as a whole value stands for that environment variable. It is an error if the variable is unset or empty.`,
  `- A key comes from exactly one of these: a file of its own (\`…_file\`), \`\${NAME}\`, or the text itself. It is masked in every log, page and error.`,
  '- A secret file holds the key, at most one newline, and no more than 16 KiB.',
  '- A key with a dollar sign, quotes, brackets or a name around it is an error: nothing but the key belongs there. Whatever cannot be a key for this API is an error, too: an Admin API key, an OAuth token, a path, a placeholder.',
  '- Files must be regular files or symbolic links to them, not pipes, sockets or devices. A file that cannot be read within 10 s, for example on a network disk that hangs, is an error: a reload is then rejected, and the old configuration stays with its keys. Files are read one after the other, and none while one does not answer: a key that is replaced meanwhile is taken over afterwards. Only the `state_file` is no error: the exporter runs without it.',
  '- A text that looks like a key is an error [wherever no key belongs](#keys-in-the-wrong-place).',
  '- Paths are relative to the configuration file.',
  '- Requests to the API go through the proxy that `HTTPS_PROXY` names (`HTTP_PROXY` for an address with `http://`), with `http://`, `https://` or `socks5://`; `NO_PROXY` names what is reached without it. `ALL_PROXY` is not read.',
  '- Durations are written as in Prometheus: `90s`, `1m30s`, `1d`; the units are `ms`, `s`, `m`, `h`, `d`, `w`, `y`. A number without a unit is an error. Where it is allowed, `never` or `.inf` means no limit.',
  '- `poll`, `sessions`, `thresholds`, `slo`, `scaling`, `metadata` and `exemplars` can also be set for a single environment. Each option that is missing there comes from the top of the file, and then from the default.',
  '- `warning` may not exceed `critical`, and an interval may not exceed its maximum; an unset maximum is raised to match.',
].join('\n');

export const KEYS_IN_THE_WRONG_PLACE = [
  'Names, labels, addresses and paths are published or logged. So a value that looks like a key is an error everywhere but in `api_key` and `environment_key`, and the error does not show it. The same goes for arguments of the command line, which every user of the machine can read.',
  '',
  '- A text looks like a key if the beginning of a known kind of key is in it: `sk-ant-`, also in base64; an access token of Google, a token of Qoder or GitHub, an access key id of AWS, a JWT, a private key.',
  '- A text also looks like a key if a random word is in it: at least 32 characters, with small letters, capitals and digits, and hardly any character twice (4.4 bits of entropy a character). UUIDs, and hashes in hexadecimal digits, are not that random.',
  '- A text that contains one of the configured keys is an error, whatever that key looks like, if it has at least 8 characters.',
  '- A discovered environment whose name looks like a key is called by its id.',
].join('\n');

export const PROVIDER_NOTES = [
  'The exporter uses the first key that is configured, and the next one if the API refuses it.',
  '',
  '- `aws`: an API key of the AWS Console; SigV4 is not supported. An environment key is an error.',
  '- `google`: an access token is valid for one hour, so refresh the file that `api_key_file` names; the exporter reads it again when it changes. This preset has not been tried against the real service. An environment key is an error.',
  '- `qoder`: one personal access token as the API key; no discovery and no sessions. An environment key is an error.',
  '- `opensdlc`: the environment key reads everything except discovery.',
].join('\n');

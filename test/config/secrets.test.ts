import { describe, expect, it } from 'vitest';
import { configOf, problemsOf, systemError } from './support.ts';

const KEY_FILE = '/run/secrets/key';
const withFile = (content: string | Error) =>
  problemsOf(`api: {api_key_file: ${KEY_FILE}}\nenvironments: [{id: env_1}]`, { files: { [KEY_FILE]: content } });

describe('secret files', () => {
  it.each(['sk-key', 'sk-key\n', 'sk-key\r\n'])('hold a key and at most one newline: %j', async (content) => {
    const yaml = `api: {api_key_file: ${KEY_FILE}}\nenvironments: [{id: env_1}]`;
    const config = await configOf(yaml, { files: { [KEY_FILE]: content } });
    expect(config.connections[0]!.apiKey!.reveal()).toBe('sk-key');
    expect(config.connections[0]!.apiKey!.source).toBe(`file ${KEY_FILE}`);
    expect(config.files).toEqual(['/etc/exporter/config.yaml', KEY_FILE]);
  });

  it('are found from the place of the configuration file', async () => {
    const yaml = 'api: {api_key_file: keys/a}\nenvironments: [{id: env_1}]';
    const config = await configOf(yaml, { files: { '/etc/exporter/keys/a': 'k' } });
    expect(config.connections[0]!.apiKey!.reveal()).toBe('k');
  });

  it.each([
    ['', 'the API key is empty'],
    ['a b', 'the API key has white space'],
    ['a\u0000b', 'the API key has white space, or characters'],
    ['\ufeffsk-ant-api03-abc', 'the API key has white space, or characters'],
    ['sk-ant-oat01-abc', 'the API key looks like an environment key'],
    ['sk-ant-admin01-abc', 'the API key is of a kind that reads no environment'],
    ['<sk-ant-api03-abc>', 'the API key has something around it'],
    ['ANTHROPIC_API_KEY=sk-ant-api03-abc', 'the API key has something around it'],
    [Buffer.from('sk-ant-api03-abc').toString('base64'), 'the API key is encoded in base64'],
    ['k'.repeat(16 * 1024 + 1), `file ${KEY_FILE} is longer than 16 KiB`],
    [systemError('EACCES'), `file ${KEY_FILE} may not be read by this user`],
  ])('a secret file that holds no usable key is a problem: %#', async (content, problem) => {
    expect(await withFile(content)).toEqual([expect.stringContaining(`1:21: api.api_key_file: ${problem}`)]);
  });

  it.each(['sk-1234', 'your-org-a8f3', '/3q2+7wAAQ==', 'ya29.a0Af_xxxx', 'KEY', 'A1_B2'])(
    'may be what a gateway or another provider gives out: %s',
    async (content) => expect(await withFile(content)).toEqual([]),
  );

  it('of 16 KiB are still read', async () => expect(await withFile('k'.repeat(16 * 1024))).toEqual([]));
});

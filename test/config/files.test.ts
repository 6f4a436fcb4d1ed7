import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/config/files.ts';
import { loadConfig } from '../../src/config/load-config.ts';

const directory = mkdtempSync(join(tmpdir(), 'exporter-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('nodeFiles', () => {
  it('reads a file up to one byte more than the limit', async () => {
    const path = join(directory, 'ten');
    writeFileSync(path, '0123456789');
    expect(Buffer.from(await nodeFiles.readFile(path, 10)).toString()).toBe('0123456789');
    expect(Buffer.from(await nodeFiles.readFile(path, 4)).toString()).toBe('01234');
    await expect(async () => nodeFiles.readFile(join(directory, 'none'), 4)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(async () => nodeFiles.readFile(directory, 4)).rejects.toMatchObject({ code: 'EISDIR' });
    expect(await nodeFiles.readdir(directory)).toContain('ten');
  });

  it('does not wait for the end of an endless file', async () => {
    expect((await nodeFiles.readFile('/dev/zero', 100)).length).toBe(101);
  });

  it('carries a whole configuration', async () => {
    writeFileSync(join(directory, 'key'), 'sk-1\n');
    const path = join(directory, 'config.yaml');
    writeFileSync(path, 'api: {api_key_file: key}\nenvironments: [{id: env_1}]\n');
    const result = await loadConfig({ path, env: {} });
    expect(result.ok && result.config.connections[0]!.apiKey!.reveal()).toBe('sk-1');
  });
});

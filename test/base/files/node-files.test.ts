import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileFault } from '../../../src/base/files/file-reader.ts';
import { nodeFiles } from '../../../src/base/files/node-files.ts';
import { formatProblem } from '../../../src/config/file/problem.ts';
import { loadConfig } from '../../../src/config/load/load-config.ts';

const directory = mkdtempSync(join(tmpdir(), 'exporter-files-'));
const at = (name: string) => join(directory, name);
const socket = createServer();
beforeAll(async () => {
  execFileSync('mkfifo', [at('pipe')]);
  symlinkSync(at('pipe'), at('link-to-pipe'));
  symlinkSync(at('loop'), at('loop'));
  writeFileSync(at('ten'), '0123456789');
  symlinkSync(at('ten'), at('link-to-ten'));
  await new Promise<void>((resolve) => socket.listen(at('socket'), resolve));
});
afterAll(() => {
  socket.close();
  rmSync(directory, { recursive: true });
});

const faultOf = async (path: string) =>
  await Promise.resolve(nodeFiles.readFile(path, 100)).then(() => 'was read', fileFault);

describe('nodeFiles', () => {
  it('reads a file up to one byte more than the limit, behind a link too', async () => {
    expect(Buffer.from(await nodeFiles.readFile(at('ten'), 10)).toString()).toBe('0123456789');
    expect(Buffer.from(await nodeFiles.readFile(at('link-to-ten'), 4)).toString()).toBe('01234');
    expect(await nodeFiles.readdir(directory)).toContain('ten');
  });

  it.each([
    ['none', 'does not exist'],
    ['.', 'is a directory, not a regular file'],
    ['pipe', 'is a named pipe, not a regular file'],
    ['link-to-pipe', 'is a named pipe, not a regular file'],
    ['socket', 'is a socket, not a regular file'],
    ['loop', 'is a symbolic link that leads to itself'],
    ['ten/below', 'is not a directory'],
    ['/dev/zero', 'is a device, not a regular file'],
    ['/dev/null', 'is a device, not a regular file'],
    ['/dev/tty', 'is a device, not a regular file'],
  ])('%s %s', async (name, fault) => {
    expect(await faultOf(name.startsWith('/') ? name : at(name))).toBe(fault);
  });

  it('says that the limit of open files is reached, where that is why', () => {
    const fault = (code: string) => fileFault(Object.assign(new Error('failed'), { code }));
    expect(fault('EMFILE')).toContain('as many files and sockets open as it may');
    expect(fault('EIO')).toBe('cannot be read (EIO)');
  });

  it('passes on why a directory cannot be read', async () => {
    await expect(async () => nodeFiles.readdir(at('none'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(async () => nodeFiles.readdir(at('ten'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});

describe('a configuration', () => {
  it('is read with its keys', async () => {
    writeFileSync(at('key'), 'sk-1\n');
    const path = at('config.yaml');
    writeFileSync(path, 'api: {api_key_file: key}\nenvironments: [{id: env_1}]\n');
    const result = await loadConfig({ path, env: {} });
    expect(result.ok && result.config.connections[0]!.apiKey!.reveal()).toBe('sk-1');
  });

  it('that is a pipe, or names one, is refused at once', async () => {
    const problems = async (path: string) => {
      const result = await loadConfig({ path, env: {} });
      return result.ok ? [] : result.problems.map(formatProblem);
    };
    expect(await problems(at('pipe'))).toEqual([
      `${at('pipe')}: the configuration file is a named pipe, not a regular file; save the content to a file and name that one`,
    ]);
    const keys = 'api: {api_key_file: pipe, ca_file: socket}\nenvironments: [{id: env_1, environment_key_file: .}]\n';
    writeFileSync(at('pipes.yaml'), keys);
    const found = await problems(at('pipes.yaml'));
    expect(found).toHaveLength(3);
    expect(found[0]).toContain(`api.api_key_file: file ${at('pipe')} is a named pipe, not a regular file`);
    expect(found[1]).toContain(`api.ca_file: file ${at('socket')} is a socket, not a regular file`);
    expect(found[2]).toContain(
      `environment_key_file: file ${directory} is a directory, not a regular file; name a file in it`,
    );
  });
});

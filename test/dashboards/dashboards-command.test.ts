import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { dashboardsCommand } from '../../src/cli/dashboards.ts';
import { shippedBoards } from '../../src/dashboards/files/shipped-boards.ts';
import { UID } from '../../src/dashboards/parts/links.ts';
import { SILENT_IO } from '../support/silent-io.ts';

const GRAFANA = resolve(import.meta.dirname, '../../grafana');
const uids = Object.values(UID);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dashboards-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]) {
  const said = { stdout: '', stderr: '' };
  const command = dashboardsCommand({
    ...SILENT_IO,
    stdout: (text) => {
      said.stdout += text;
    },
    stderr: (text) => {
      said.stderr += text;
    },
  });
  command.exitOverride().configureOutput({ writeErr: () => {} });
  await command.parseAsync(args, { from: 'user' });
  return said;
}

describe('dashboards --out', () => {
  it('writes the committed files into a directory that it creates, and says so on stderr', async () => {
    const out = join(folder, 'a', 'b');
    const { stdout, stderr } = await run('--out', out);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(4);
    expect(readdirSync(out).sort()).toEqual(uids.map((uid) => `${uid}.json`).sort());
    for (const uid of uids)
      expect(readFileSync(join(out, `${uid}.json`), 'utf8')).toBe(readFileSync(join(GRAFANA, `${uid}.json`), 'utf8'));
  });

  it.each(['new/.', 'other/../new', './new//'])('takes %s for the directory that it names', async (path) => {
    await run('--out', `${folder}/${path}`);
    expect(readdirSync(folder)).toEqual(['new']);
    expect(readdirSync(join(folder, 'new'))).toHaveLength(uids.length);
  });

  it('refuses an empty name, which would be the directory that one happens to be in', async () => {
    await expect(run('--out', '')).rejects.toThrow(CommanderError);
  });

  it('writes ConfigMaps with the same JSON inside', async () => {
    await run('--out', folder, '--format', 'configmap');
    for (const uid of uids) {
      const manifest = parse(readFileSync(join(folder, `${uid}.configmap.yaml`), 'utf8'));
      const text = readFileSync(join(GRAFANA, `${uid}.json`), 'utf8');
      expect(manifest.data[`${uid}.json`].trimEnd()).toBe(JSON.stringify(JSON.parse(text)));
    }
  });

  it('says which path it cannot write and what to do', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(run('--out', join(folder, 'file'))).rejects.toMatchObject({
      code: 'output_not_writable',
      message: expect.stringContaining(join(folder, 'file')),
      remedy: expect.stringContaining('--out'),
    });
  });
});

describe('dashboards --out where the system makes no directory, although the parent is there', () => {
  it('dashboards --out says so and gives up', async () => {
    await run('--out', folder);
    const answer = run('--out', '/proc/nothing-can-be-made-here').catch((error) => error);
    // A great many more steps than it takes.
    const steps = async () => {
      for (let step = 0; step < 5000; step++) await stat(folder);
      return 'goes on and on';
    };
    expect(await Promise.race([answer, steps()])).toMatchObject({ code: 'output_not_writable' });
  });
});

describe('dashboards on stdout', () => {
  it('the boards on stdout are one JSON array', async () => {
    const { stdout } = await run();
    expect(JSON.parse(stdout).map(({ uid }: { uid: string }) => uid)).toEqual(uids);
  });

  it('is one YAML document a ConfigMap', async () => {
    const { stdout } = await run('--format', 'configmap');
    const documents = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(documents.map(({ metadata }) => metadata.name)).toEqual(uids);
  });

  it('links the alerts to the runbooks whose address was given', async () => {
    const { stdout } = await run('--runbook-base-url', 'https://wiki.example.com/work/');
    const link = '"https://wiki.example.com/work/$' + '{__data.fields.Name}.md"';
    expect(stdout.split(link)).toHaveLength(2);
    JSON.parse(stdout);
  });

  it('names no address when none was given', async () => {
    const { stdout } = await run();
    expect(stdout).not.toMatch(/https?:|Runbook"/);
  });

  it.each([['ftp://x'], ['nonsense'], ['https://x/$' + '{job}']])('refuses the runbook address %s', async (url) => {
    await expect(run('--runbook-base-url', url)).rejects.toThrow(CommanderError);
  });

  it('refuses an unknown format', async () => {
    await expect(run('--format', 'xml')).rejects.toThrow(CommanderError);
  });
});

describe('a package without its boards', () => {
  it('is reported with the file and a remedy', async () => {
    await expect(shippedBoards(null, pathToFileURL(`${folder}/`))).rejects.toMatchObject({
      code: 'boards_missing',
      message: expect.stringContaining(folder),
      remedy: expect.stringContaining('npm run generate'),
    });
  });
});

describe('what the command loads', () => {
  const IMPORT = /^(?:import|export) (?!type )[^'"]*?from '([^']+)'/gm;

  function loaded(file: string, seen = new Set<string>()): Set<string> {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      const target = name!.startsWith('.') ? resolve(file, '..', name!) : name!;
      if (seen.has(target)) continue;
      seen.add(target);
      if (name!.startsWith('.')) loaded(target, seen);
    }
    return seen;
  }

  it('is never the library that builds boards, which production does not install', () => {
    const names = [...loaded(resolve(import.meta.dirname, '../../src/cli/dashboards.ts'))];
    expect(names).toContain('commander');
    expect(names.filter((name) => name.includes('foundation-sdk'))).toEqual([]);
  });
});

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../support/processes.ts';

const step = z.object({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
const workflow = z.object({ jobs: z.object({ release: z.object({ steps: z.array(step) }) }) });
const { steps } = workflow.parse(parse(readFileSync(join(ROOT, '.github/workflows/release.yml'), 'utf8'))).jobs.release;
const inputsOf = (action: string) => steps.find(({ uses }) => uses?.startsWith(`${action}@`))?.with ?? {};
const attested = steps.filter(({ uses }) => uses?.startsWith('actions/attest@'));

describe('the workflow of a release', () => {
  it('builds the image for two architectures, on a base with its digest, and says how it was built', () => {
    expect(inputsOf('docker/build-push-action')).toMatchObject({
      platforms: 'linux/amd64,linux/arm64',
      provenance: 'mode=max',
      sbom: true,
      'build-args': expect.stringMatching(/BASE=.*steps\.base\.outputs\.image/),
    });
  });

  it('gives the image a list of its parts and a statement of where it comes from', () => {
    expect(attested.map((one) => 'sbom-path' in one.with!)).toEqual([false, true]);
    for (const one of attested) {
      expect(one.with).toMatchObject({
        'subject-name': `\${{ env.IMAGE }}`,
        'subject-digest': expect.stringContaining('digest'),
        'push-to-registry': true,
        // The token may not make one.
        'create-storage-record': false,
      });
    }
  });

  it('gives the image a name that a registry takes, whoever owns the repository', () => {
    const line = steps.flatMap(({ run = '' }) => run.split('\n')).find((one) => one.includes('IMAGE='))!;
    // A pipe that Node makes is a socket, which no redirection opens.
    const script = line.replace('>> "$GITHUB_ENV"', '');
    const env = { PATH: process.env.PATH, GITHUB_REPOSITORY: 'Some-Owner/Work' };
    const { stdout } = spawnSync('bash', ['-euc', script], { encoding: 'utf8', env });
    expect(stdout).toBe('IMAGE=ghcr.io/some-owner/work\n');
  });

  it('lists what the build says that it put together', () => {
    expect(attested[1]!.with).toMatchObject({ 'sbom-path': 'dist/sbom.cdx.json' });
    const names = steps.map(({ name, uses }) => name ?? uses!.split('@')[0]!);
    const built = steps.findIndex(({ run }) => run?.includes('npm pack'));
    expect(built).toBeGreaterThan(-1);
    expect(built).toBeLessThan(names.indexOf('Say what is in it'));
    expect(steps.at(-1)!.run).toContain(' dist/sbom.cdx.json ');
  });
});

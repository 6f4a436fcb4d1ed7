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
    for (const action of ['actions/attest-build-provenance', 'actions/attest-sbom'])
      expect(inputsOf(action), action).toMatchObject({ 'subject-digest': expect.stringContaining('digest') });
  });

  it('lists what the build says that it put together', () => {
    expect(inputsOf('actions/attest-sbom')).toMatchObject({ 'sbom-path': 'dist/sbom.cdx.json' });
    const names = steps.map(({ name, uses }) => name ?? uses!.split('@')[0]!);
    const built = steps.findIndex(({ run }) => run?.includes('npm pack'));
    expect(built).toBeGreaterThan(-1);
    expect(built).toBeLessThan(names.indexOf('Say what is in it'));
    expect(steps.at(-1)!.run).toContain(' dist/sbom.cdx.json ');
  });
});

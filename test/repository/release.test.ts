import { execFileSync } from 'node:child_process';
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
const read = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
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

  it('lists the packages of production as CycloneDX, each with its version, and none of development', () => {
    const { run } = steps.find(({ name }) => name === 'List what is in the package')!;
    const [command, file] = run!.split(' > ');
    expect(inputsOf('actions/attest-sbom')).toMatchObject({ 'sbom-path': file });
    const sbom = JSON.parse(execFileSync('bash', ['-c', command!], { cwd: ROOT, encoding: 'utf8' }));
    expect(sbom.bomFormat).toBe('CycloneDX');
    const listed = new Map(
      sbom.components.map(({ name, version }: { name: string; version: string }) => [name, version]),
    );
    const { dependencies, devDependencies } = read('package.json');
    for (const [name, version] of Object.entries(dependencies)) expect(listed.get(name), name).toBe(version);
    const packages = read('package-lock.json').packages as Record<string, { dev?: boolean }>;
    const onlyDevelopment = Object.keys(devDependencies).filter(
      (name) => packages[`node_modules/${name}`]?.dev === true,
    );
    expect(onlyDevelopment.length).toBeGreaterThan(5);
    for (const name of onlyDevelopment) expect(listed.has(name), name).toBe(false);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';
import { pageOf } from './pages.ts';

const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};
const rows = [...pageOf('docs/dependencies.md').text.matchAll(/^\| `([^`]+)` \| (.+) \| (.+) \|$/gm)];
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(ROOT, 'src', name), 'utf8'));

describe('docs/dependencies.md', () => {
  it('names exactly what is installed with the exporter, in order, each with a reason', () => {
    expect(rows.map(([, name]) => name)).toEqual(Object.keys(dependencies).toSorted());
    for (const [, , use, reason] of rows)
      expect(Math.min(use!.trim().length, reason!.trim().length)).toBeGreaterThan(2);
  });
});

describe('production dependencies', () => {
  it.each(Object.entries(dependencies))('%s is imported by the source, and pinned at %s', (name, version) => {
    expect(sources.some((text) => text.includes(` from '${name}'`))).toBe(true);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('SECURITY.md names each that has an install script', () => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { readonly hasInstallScript?: boolean; readonly dev?: boolean }>;
    };
    const withScript = Object.entries(packages).filter(([path, { hasInstallScript, dev }]) => {
      return path.startsWith('node_modules/') && hasInstallScript === true && dev !== true;
    });
    const [, sentence] = /dependencies are pinned\. Only (.+?) ha(?:s|ve) one/s.exec(
      readFileSync(join(ROOT, 'SECURITY.md'), 'utf8'),
    )!;
    expect(withScript.map(([path]) => `\`${path.replace(/^.*node_modules\//, '')}\``).join(' and ')).toBe(sentence);
  });

  it('the source imports nothing else', () => {
    const imported = sources.flatMap((text) =>
      [...text.matchAll(/^import .*? from '([^.'][^']*)'/gms)].map(([, name]) => name!),
    );
    const packages = new Set(imported.filter((name) => !name.startsWith('node:')));
    const development = new Set(['@grafana/grafana-foundation-sdk']);
    const rootOf = (name: string) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/');
    expect([...packages].map(rootOf).filter((name) => !(name in dependencies) && !development.has(name))).toEqual([]);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../support/processes.ts';
import { pageOf } from './pages.ts';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};
const versions: Readonly<Record<string, string>> = { ...manifest.devDependencies, ...manifest.dependencies };
const rows = [...pageOf('docs/dependencies.md').text.matchAll(/^\| `([^`]+)` \| (.+) \| (.+) \|$/gm)];
const shipped = rows.map(([, name]) => name!);
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(ROOT, 'src', name), 'utf8'));
/** Only development runs the code that imports it. */
const DEVELOPMENT = '@grafana/grafana-foundation-sdk';

const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

describe('docs/dependencies.md', () => {
  it('names exactly what the source imports, in order, each with a reason', () => {
    const imported = sources
      .flatMap((text) => [...text.matchAll(/(?:^import [^'"]*? from |await import\()'([^.'][^']*)'/gm)])
      .map(([, name]) => packageOf(name!))
      .filter((name) => !name.startsWith('node:') && name !== DEVELOPMENT);
    expect(shipped).toEqual([...new Set(imported)].toSorted());
    for (const [, , use, reason] of rows)
      expect(Math.min(use!.trim().length, reason!.trim().length)).toBeGreaterThan(2);
  });

  it('says which of them npm installs', () => {
    const [, named] = /^Only (.+?) is installed as a package/m.exec(pageOf('docs/dependencies.md').text)!;
    expect(named).toBe(
      Object.keys(manifest.dependencies)
        .map((name) => `\`${name}\``)
        .join(' and '),
    );
  });
});

describe('what is shipped', () => {
  it.each(shipped)('%s is pinned', (name) => {
    expect(versions[name]).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('is updated one by one, and not with the tools of development', () => {
    const { updates } = parse(readFileSync(join(ROOT, '.github/dependabot.yml'), 'utf8'));
    const bundled = shipped.filter((name) => !(name in manifest.dependencies));
    expect(updates[0].groups.development['exclude-patterns']).toEqual(bundled);
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
});

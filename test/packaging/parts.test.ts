import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const { dependencies, devDependencies } = JSON.parse(read('package.json'));
const list = JSON.parse(read('dist/sbom.cdx.json')) as {
  readonly metadata: { readonly component: { readonly version: string } };
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly hashes: readonly { readonly content: string }[];
    readonly licenses: readonly { readonly expression: string }[];
  }[];
};
const notices = read('dist/THIRD-PARTY-NOTICES.txt');
const versions = new Map(list.components.map(({ name, version }) => [name, version]));

describe('the list of what is in the program', () => {
  it.each(['commander', 'fastify', 'pino', 'prom-client', 'undici', 'yaml', 'zod'])(
    'has %s, which is in the bundle, in its version',
    (name) => {
      expect(versions.get(name)).toBe(devDependencies[name]);
    },
  );

  it('has what is installed beside it, and what packages bring along, and no tool of development', () => {
    expect(versions.get('bcrypt')).toBe(dependencies.bcrypt);
    for (const name of ['node-gyp-build', 'find-my-way', 'safe-stable-stringify', 'tdigest'])
      expect(versions.has(name), name).toBe(true);
    // The last two are what fastify loads only for schemas of routes, or to be asked without a socket.
    for (const name of ['vitest', 'typescript', 'rolldown', '@lezer/lr', 'ajv', 'light-my-request'])
      expect(versions.has(name), name).toBe(false);
  });

  it('identifies each by address and hash', () => {
    for (const { name, version, purl, hashes } of list.components) {
      expect(purl).toBe(`pkg:npm/${name.replace('@', '%40')}@${version}`);
      expect(hashes[0]!.content, name).toMatch(/^[0-9a-f]{128}$/);
    }
  });

  it('has only licences that ask for no more than their text', () => {
    const licences = new Set(list.components.flatMap(({ licenses }) => licenses.map(({ expression }) => expression)));
    expect([...licences].toSorted()).toEqual(['Apache-2.0', 'BSD-3-Clause', 'ISC', 'MIT']);
  });
});

describe('the notices', () => {
  const sections = notices.split(/^={80}\n/m).slice(1);

  it('have a section for each, in the same order', () => {
    const heads = sections.filter((_, index) => index % 2 === 0).map((head) => head.trim());
    expect(heads).toEqual(
      list.components.map(({ name, version, licenses }) => `${name} ${version}, ${licenses[0]!.expression}`),
    );
  });

  it('have the text of each licence, but for packages that bring none', () => {
    const without = sections
      .filter((_, index) => index % 2 === 1)
      .flatMap((text, index) => (/permission|permitted|license/i.test(text) && text.length > 400 ? [] : index));
    expect(without.map((index) => list.components[index]!.name)).toEqual(['abstract-logging']);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ShippedPackage } from './shipped-packages.ts';

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:\.|$)/i;
const RULE = '='.repeat(80);

/** The licences of the packages, most of which require their text wherever the code is distributed. */
export function thirdPartyNotices(packages: readonly ShippedPackage[]): string {
  const sections = packages.map(({ name, version, licence, folder }) => {
    const texts = readdirSync(folder)
      .filter((file) => LICENCE_FILE.test(file))
      .toSorted()
      .map((file) => readFileSync(join(folder, file), 'utf8').trim());
    return [RULE, `${name} ${version}, ${licence}`, RULE, '', texts.join('\n\n') || withoutText(folder), ''].join('\n');
  });
  return `The program contains these packages, or is installed with them.\n\n${sections.join('\n')}`;
}

/** Some packages name a licence and bring no text of it. */
function withoutText(folder: string): string {
  const { author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly author?: string | { readonly name: string };
  };
  const name = typeof author === 'object' ? author.name : author;
  return `${name === undefined ? '' : `By ${name}. `}The package brings no text of its licence.`;
}

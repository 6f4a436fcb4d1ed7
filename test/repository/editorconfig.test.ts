import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commentedFiles } from '../docs/citations.ts';
import { PAGES } from '../docs/pages.ts';
import { ROOT } from '../support/processes.ts';

/** The settings of one section. */
function section(name: string): Readonly<Record<string, string>> {
  const text = readFileSync(join(ROOT, '.editorconfig'), 'utf8');
  const body = text.split(/^\[/m).find((part) => part.startsWith(`${name}]`))!;
  return Object.fromEntries([...body.matchAll(/^(\w+) = (.+)$/gm)].map(([, key, value]) => [key!, value!]));
}

describe('.editorconfig', () => {
  const all = section('*');

  it('.editorconfig says what the formatter does', () => {
    const { formatter } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')) as {
      readonly formatter: { readonly indentStyle: string; readonly indentWidth: number; readonly lineWidth: number };
    };
    expect({
      indentStyle: all.indent_style,
      indentWidth: Number(all.indent_size),
      lineWidth: Number(all.max_line_length),
    }).toEqual({
      indentStyle: formatter.indentStyle,
      indentWidth: formatter.indentWidth,
      lineWidth: formatter.lineWidth,
    });
  });

  it('says how every source file and page ends its lines', () => {
    expect(all).toMatchObject({ end_of_line: 'lf', insert_final_newline: 'true', trim_trailing_whitespace: 'true' });
    const wrong = [...commentedFiles(), ...PAGES].filter(({ text }) => /[ \t\r]\n|[^\n]$/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

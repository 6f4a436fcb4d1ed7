import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { thirdPartyNotices } from '../../scripts/build/third-party-notices.ts';

/** The notices of one package with these files. */
function noticesOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'notices-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return thirdPartyNotices([{ name: 'left-pad', version: '1.2.3', licence: 'MIT', integrity: 'sha512-x', folder }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it('has the text of each licence, whatever its file is called', () => {
  const text = noticesOf({
    LICENSE: 'the licence\n',
    'notice.md': 'the notice',
    'licensing.js': 'no',
    'package.json': '{}',
  });
  expect(text).toContain('left-pad 1.2.3, MIT');
  expect(text).toContain('the licence\n\nthe notice');
  expect(text).not.toContain('no\n');
});

it.each([
  ['"author":"Ada <ada@example.com>"', 'By Ada <ada@example.com>. The package brings no text of its licence.'],
  ['"author":{"name":"Ada"}', 'By Ada. The package brings no text of its licence.'],
  ['"name":"left-pad"', '\nThe package brings no text of its licence.'],
])('says whose a package is that brings no text: %s', (member, expected) => {
  expect(noticesOf({ 'package.json': `{${member}}` })).toContain(expected);
});

import { circleFindings } from './circles.ts';
import { fileNameFindings } from './file-names.ts';
import type { Finding } from './finding.ts';
import { wordFindings } from './old-words.ts';
import { refusedFindings } from './refused.ts';
import { sizeFindings } from './sizes.ts';
import { sourceFiles } from './source-files.ts';
import { testTitleFindings } from './test-titles.ts';
import { typeNameFindings } from './type-names.ts';

/** All findings that the text of the files is enough for, without a compiler's view of who uses what. */
export function textFindings(root: string): readonly Finding[] {
  const files = sourceFiles(root);
  return [
    ...circleFindings(files),
    ...sizeFindings(files),
    ...typeNameFindings(files),
    ...wordFindings(files),
    ...refusedFindings(files),
    ...fileNameFindings(files),
    ...testTitleFindings(root),
  ];
}

/**
 * Says how well the source is kept: circles, sizes, what only tests use, words that the glossary has replaced,
 * names of files and titles of tests. Fails on
 * everything that is not zero and has no reason in scripts/house/reasons.ts, and on a reason for nothing.
 */
import { resolve } from 'node:path';
import { circleFindings } from './house/circles.ts';
import { fileNameFindings } from './house/file-names.ts';
import { judge } from './house/judge.ts';
import { wordFindings } from './house/old-words.ts';
import { REASONS } from './house/reasons.ts';
import { refusedFindings } from './house/refused.ts';
import { sizeFindings } from './house/sizes.ts';
import { sourceFiles } from './house/source-files.ts';
import { testTitleFindings } from './house/test-titles.ts';
import { typeNameFindings } from './house/type-names.ts';
import { unusedFindings } from './house/unused.ts';

const root = resolve(process.argv[2] ?? resolve(import.meta.dirname, '..'));
const files = sourceFiles(root);
const findings = [
  ...circleFindings(files),
  ...sizeFindings(files),
  ...(await unusedFindings(root)),
  ...typeNameFindings(files),
  ...wordFindings(files),
  ...refusedFindings(files),
  ...fileNameFindings(files),
  ...testTitleFindings(root),
];
const { lines, ok } = judge(findings, REASONS);
process.stdout.write(`${lines.join('\n')}\n`);
if (!ok) process.exitCode = 1;

/**
 * Says how well the source is kept: circles, sizes, what only tests use, words that the glossary has replaced,
 * names of files and titles of tests. Fails on
 * everything that is not zero and has no reason in scripts/house/reasons.ts, and on a reason for nothing.
 */
import { resolve } from 'node:path';
import { judge } from './house/judge.ts';
import { REASONS } from './house/reasons.ts';
import { textFindings } from './house/text-findings.ts';
import { unusedFindings } from './house/unused.ts';

const root = resolve(process.argv[2] ?? resolve(import.meta.dirname, '..'));
const { lines, ok } = judge([...textFindings(root), ...(await unusedFindings(root))], REASONS);
process.stdout.write(`${lines.join('\n')}\n`);
if (!ok) process.exitCode = 1;

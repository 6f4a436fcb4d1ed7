#!/usr/bin/env node
import { oldNodeComplaint } from './cli/command/required-node.ts';

/**
 * Checks the version of Node before anything else is loaded: what the program imports does not even load in an old one.
 * This file and the one it imports therefore use no new features. The program itself starts in process.ts.
 */
const complaint = oldNodeComplaint(process.versions.node, process.execPath);
if (complaint === null) {
  void import('./process.ts');
} else {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = 1;
}

#!/usr/bin/env node
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { packageFile } from './base/package-files.ts';
import { oldNodeComplaint } from './cli/required-node.ts';
import { holdSignals } from './cli/signals.ts';

// Loading the program takes most of its start. A hang-up during it must not end `serve`, and a stop is no failure. The image
// has a flag that forbids the debugger before this line, too; an old Node does not know that.
holdSignals(process.argv.slice(2));

/**
 * Checks the version of Node before anything else is loaded: what the program imports does not even load in an old one.
 * This file and those it imports therefore use no new features. The program itself starts in process.ts.
 */
const complaint = oldNodeComplaint(process.versions.node, process.execPath);
if (complaint === null) {
  // What Node compiles is kept beside the program, if that can be written to, for the next start.
  module.enableCompileCache(fileURLToPath(packageFile('.cache/compiled')));
  void import('./process.ts');
} else {
  process.stderr.write(`${complaint}\n`);
  // As for a wrong configuration: starting it again, as the systemd unit does after other failures, would not help.
  process.exitCode = 2;
}

// Closing lines that any reader of the log can count: results of the tests, and which of them passed only at the second try.
// A program under test may lose a race against a busy machine, so CI tries a failed test once more; it never keeps quiet about it.
import { readFileSync } from 'node:fs';

const counts = { passed: 0, failed: 0, skipped: 0 };

for (const path of process.argv.slice(2)) {
  const results = JSON.parse(readFileSync(path, 'utf8'));
  counts.passed += results.numPassedTests;
  counts.failed += results.numFailedTests;
  counts.skipped += results.numPendingTests;
  for (const { name, assertionResults } of results.testResults) {
    for (const { fullName, status, failureMessages } of assertionResults) {
      if (status !== 'passed' || failureMessages.length === 0) continue;
      process.stdout.write(`passed at the second try: ${name.slice(process.cwd().length + 1)} > ${fullName}\n`);
      process.stdout.write(`  at the first: ${failureMessages[0].split('\n', 1)[0]}\n`);
    }
  }
}

if (counts.skipped > 0) {
  process.stderr.write(`${counts.skipped} tests were skipped: a check that cannot run must fail\n`);
  process.exitCode = 1;
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);

// Closing lines that any reader of the log can count: results of the tests, and which of them passed only at the second try.
// A program under test may lose a race against a busy machine, so CI tries a failed test once more; it never keeps quiet about it.
import { readFileSync } from 'node:fs';

const results = JSON.parse(readFileSync('.cache/test-results.json', 'utf8'));

if (results.numPendingTests > 0) {
  process.stderr.write(`${results.numPendingTests} tests were skipped: a check that cannot run must fail\n`);
  process.exitCode = 1;
}

for (const { name, assertionResults } of results.testResults) {
  for (const { fullName, status, failureMessages } of assertionResults) {
    if (status !== 'passed' || failureMessages.length === 0) continue;
    process.stdout.write(`passed at the second try: ${name.slice(process.cwd().length + 1)} > ${fullName}\n`);
    process.stdout.write(`  at the first: ${failureMessages[0].split('\n', 1)[0]}\n`);
  }
}

process.stdout.write(`${results.numPassedTests} passed, ${results.numFailedTests} failed\n`);

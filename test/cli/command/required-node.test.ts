import { describe, expect, it } from 'vitest';
import { oldNodeComplaint } from '../../../src/cli/command/required-node.ts';

describe('the Node that the program needs', () => {
  it.each(['22.19.0', '22.100.1', '23.0.0', '26.10.0', '100.0.0'])('runs on %s', (version) => {
    expect(oldNodeComplaint(version, '/usr/bin/node', false)).toBeNull();
  });

  it.each(['0.10.48', '8.17.0', '18.20.4', '20.20.2', '22.2.0', '22.18.99'])('says what is needed on %s', (version) => {
    expect(oldNodeComplaint(version, '/usr/bin/node', false)).toBe(
      `anthropic-work-exporter needs Node.js 22.19 or later and was started with ${version} (/usr/bin/node): ` +
        'install a newer Node.js, or use the container image.',
    );
  });

  it.each(['24.0.0', '26.10.0'])('runs from source on %s', (version) => {
    expect(oldNodeComplaint(version, '/usr/bin/node', true)).toBeNull();
  });

  it.each(['22.19.0', '23.11.0'])('says what runs the source on %s', (version) => {
    expect(oldNodeComplaint(version, '/usr/bin/node', true)).toBe(
      `src/main.ts needs Node.js 24.0 or later and was started with ${version} (/usr/bin/node): ` +
        'run `npm ci`, which brings a newer one, and `npm run --silent cli -- …`.',
    );
  });
});

import { expect, it } from 'vitest';
import type { LogEvent } from '../../../src/base/logger.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { call, testSimulator } from '../support/simulators.ts';

it('a request that the simulator has no answer to gets 500, and the log says why', async () => {
  const lines: LogEvent[] = [];
  const logger = { ...silentLogger, error: (line: LogEvent) => void lines.push(line) };
  const simulator = await testSimulator({ logger });
  // No answer can have this status.
  simulator.setFaults([{ kind: 'status', status: 1000 }]);
  const { status, body } = await call(simulator, simulator.apiKey, '/v1/environments');
  expect({ status, type: body.type }).toEqual({ status: 500, type: 'error' });
  expect(lines).toMatchObject([{ event: 'simulator.failed', path: '/v1/environments' }]);
});

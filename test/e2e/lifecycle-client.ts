import type { Clock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { Secret } from '../../src/base/secret.ts';
import { Budget } from '../../src/client/budget/budget.ts';
import { createHttpWorkApi, type HttpWorkApi } from '../../src/client/http-work-api.ts';
import type { Simulator } from '../../src/simulator/start-simulator.ts';
import { PRESETS, type ProviderName } from '../../src/wire/presets.ts';
import { RecordingObserver } from '../client/test-client.ts';
import type { ManualClock } from '../support/manual-clock.ts';

const TIMEOUT_MS = 10_000;

/** Time stands still while a request is answered, so there is nothing to wait for. */
class FreeBudget extends Budget {
  override tryTake(): boolean {
    return true;
  }

  override async take(): Promise<void> {}
}

/** A client's waits before a retry move the world on; its deadlines never come, because no request takes any time. */
function patient(clock: ManualClock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimer(delayMs, run) {
      if (delayMs < TIMEOUT_MS) void clock.advance(delayMs).then(run);
      return () => {};
    },
  };
}

/** The real client of the first environment of a simulator. */
export function clientOf(simulator: Simulator, preset: ProviderName, clock: ManualClock): HttpWorkApi {
  const key = new Secret(simulator.environments[0]!.environmentKey, 'the test');
  const apiKey = new Secret(simulator.apiKey, 'the test');
  const random = seededRandom(1);
  return createHttpWorkApi({
    connection: {
      name: 'default',
      provider: preset,
      baseUrl: simulator.url,
      workspaceId: PRESETS[preset].workspaceRequired ? 'wrkspc_1' : null,
      maxConcurrentRequests: 4,
      timeoutMs: TIMEOUT_MS,
      maxResponseBytes: 64_000_000,
      ca: null,
    },
    credentials: { apiKey: () => apiKey, environmentKey: () => (PRESETS[preset].environmentKeys ? key : null) },
    budget: new FreeBudget(60_000, { clock, random }),
    observer: new RecordingObserver(),
    clock: patient(clock),
    random,
    env: {},
    version: '1.2.3',
  });
}

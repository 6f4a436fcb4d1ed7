export interface WaitOptions {
  /** Ends the message of a timeout; by default the source of the condition. */
  readonly what?: string;
  /** Real time: far longer than it ever takes. */
  readonly timeoutMs?: number;
  /** Real time between two checks; 0: only what is ready gets its turn. */
  readonly everyMs?: number | (() => number);
  /** Called between two checks, for instance to advance a manual clock. */
  readonly meanwhile?: () => unknown;
  /** Added to the message of a timeout. */
  readonly details?: () => string;
}

/**
 * Waits for a condition on something that lives in real time: sockets, files and other processes.
 * @throws when it does not become true in time, or what the condition throws
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  { what = String(condition), timeoutMs = 120_000, everyMs = 5, meanwhile, details }: WaitOptions = {},
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}\n${details?.() ?? ''}`.trimEnd());
    await meanwhile?.();
    const pauseMs = typeof everyMs === 'number' ? everyMs : everyMs();
    await new Promise((resolve) => (pauseMs === 0 ? setImmediate(resolve) : setTimeout(resolve, pauseMs)));
  }
}

/**
 * Repeats assertions until they hold, for what can only be compared as a whole.
 * @throws the last failure when they do not hold in time
 */
export async function waitForExpected(
  assertions: () => Promise<void>,
  { timeoutMs = 180_000, everyMs = 100 }: Pick<WaitOptions, 'timeoutMs' | 'everyMs'> = {},
): Promise<void> {
  let failure: unknown;
  const holds = async () => {
    try {
      await assertions();
      return true;
    } catch (error) {
      failure = error;
      return false;
    }
  };
  await waitUntil(holds, { timeoutMs, everyMs }).catch(() => {
    throw failure;
  });
}

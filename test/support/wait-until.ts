export interface WaitOptions {
  /** Ends the message when the time is over; the condition itself if there are no better words. */
  readonly what?: string;
  /** Real time: far more than it ever takes. */
  readonly timeoutMs?: number;
  /** Real time between two looks. */
  readonly everyMs?: number;
  /** What happens between two looks, such as a manual clock that moves on. */
  readonly meanwhile?: () => unknown;
  /** What a failure shows beside the condition. */
  readonly details?: () => string;
}

/**
 * Waits for something to become true, for what lives in real time: sockets, files and other processes.
 * @throws when it is not true in time, or what the condition throws
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  { what = String(condition), timeoutMs = 60_000, everyMs = 5, meanwhile, details }: WaitOptions = {},
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}\n${details?.() ?? ''}`.trimEnd());
    await meanwhile?.();
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/**
 * Repeats assertions until they hold, for what can only be compared as a whole.
 * @throws the last failure when they do not hold in time
 */
export async function waitForExpected(
  assertions: () => Promise<void>,
  { timeoutMs = 90_000, everyMs = 100 }: Pick<WaitOptions, 'timeoutMs' | 'everyMs'> = {},
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

import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { fetchBody } from './scrape/scraper.ts';

/** Waits until a process that has just been started answers on `/metrics`, to the last byte. */
export async function answered(child: ChildProcess, port: number): Promise<void> {
  for (;;) {
    try {
      await fetchBody(port, '/metrics');
      return;
    } catch (error) {
      if (child.exitCode !== null) throw error;
      await wait(1);
    }
  }
}

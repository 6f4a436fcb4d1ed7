import { SerialQueue } from '../../base/serial-queue.ts';

/** Changes of what runs, one after the other, until the process stops. */
export class ChangeQueue {
  readonly #queue = new SerialQueue();
  readonly #stop = Promise.withResolvers<never>();
  #isStopping = false;

  constructor() {
    // Otherwise the rejection would be unhandled if nobody waits when the process stops.
    this.#stop.promise.catch(() => {});
  }

  /** Runs a change, unless the process stops before its turn comes: then the result is `stopped`. */
  runUnlessStopping<T>(change: () => Promise<T>, stopped: T): Promise<T> {
    return this.#queue.run(() => (this.#isStopping ? Promise.resolve(stopped) : change()));
  }

  /** Part of a change: a file that does not answer must not delay the stop. Rejects when the process stops. */
  unlessStopped<T>(reading: Promise<T>): Promise<T> {
    return Promise.race([reading, this.#stop.promise]);
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  stop(): void {
    this.#isStopping = true;
    this.#stop.reject(new Error('the process is stopping'));
  }

  /** Resolves when every change so far has ended. */
  allEnded(): Promise<void> {
    return this.#queue.allEnded();
  }
}

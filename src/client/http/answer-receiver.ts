import type { Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.ts';
import { BodyChunks } from './body-chunks.ts';
import { BodyError, tooLong } from './body-error.ts';
import { readBlocks } from './read-blocks.ts';
import { headerText, type ResponseHeaders } from './response-headers.ts';

/** An answer as it arrived, compressed or not; `headersAt` is monotonic. */
export interface Received {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly headersAt: number;
  /** Or why the body cannot be used. */
  readonly body: Buffer | BodyError;
}

/** No usable answer arrived; `begun` if its head did. */
export interface NotReceived {
  readonly error: unknown;
  readonly begun: boolean;
}

export interface ReceiverOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Most bytes of a body: of a success, and of any other answer. */
  readonly mostBytes: number;
  readonly mostErrorBytes: number;
}

/**
 * Takes one answer straight from undici's parser: no stream, and no promise but the one for its end. The body is
 * limited while it arrives: a longer one closes the connection, and the rest is never read.
 */
export class AnswerReceiver implements Dispatcher.DispatchHandler {
  /** Resolves when the answer is complete, or can no longer arrive. */
  readonly ended: Promise<Received | NotReceived>;
  readonly #options: ReceiverOptions;
  #end: ((result: Received | NotReceived) => void) | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #calledOff: Error | null = null;
  #head: Omit<Received, 'body'> | null = null;
  #most = 0;
  readonly #chunks = new BodyChunks((buffer) => readBlocks.isReadInto(buffer));

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Whether the request had a connection: otherwise no byte of it was sent. */
  get hadConnection(): boolean {
    return this.#controller !== null;
  }

  /** Ends the request now, whatever has arrived. A request that still waits for its connection is not sent. */
  callOff(reason: Error): void {
    this.#calledOff = reason;
    this.#controller?.abort(reason);
    this.#fail(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#calledOff !== null) controller.abort(this.#calledOff);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (status < 200 || this.#head !== null) return;
    const { clock, mostBytes, mostErrorBytes } = this.#options;
    this.#head = { status, headers, headersAt: clock.monotonic() };
    this.#most = isSuccess(status) ? mostBytes : Math.min(mostErrorBytes, mostBytes);
    if (Number(headerText(headers, 'content-length')) > this.#most) this.#cutOff(controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#end === null) return;
    if (this.#chunks.length + chunk.length > this.#most) this.#cutOff(controller);
    else this.#chunks.add(chunk);
  }

  onResponseEnd(): void {
    if (this.#head === null) return;
    const body = this.#chunks.whole();
    readBlocks.lend(body);
    this.#settle({ ...this.#head, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#fail(error);
  }

  #cutOff(controller: Dispatcher.DispatchController): void {
    const problem = tooLong(this.#most);
    this.#settle({ ...this.#head!, body: problem });
    controller.abort(problem);
  }

  #fail(error: unknown): void {
    const head = this.#head;
    // The status of an error says enough without its body; a success is nothing without it.
    if (head !== null && !isSuccess(head.status))
      this.#settle({ ...head, body: new BodyError('a body that broke off') });
    else this.#settle({ error, begun: head !== null });
  }

  #settle(result: Received | NotReceived): void {
    this.#end?.(result);
    this.#end = null;
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

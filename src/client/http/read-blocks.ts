/** Room for a usual answer, a hundred items of 600 bytes and its head, in one piece. */
const BLOCK_BYTES = 131_072;
/** With less room than that in its block, a connection goes on in another one: many short reads cost more. */
const LEAST_ROOM = 16_384;
/** At most so many wait for their next use, which is 2 MB. */
const MOST_FREE = 16;

/** Who may write to a block: the connection that reads into it, nobody while an answer lies in it, or nobody yet. */
type Use = 'read into' | 'lent' | 'free';

/**
 * The memory into which connections read, and in which an answer stays until it has been used. Node would allocate a new
 * buffer of 64 KB for each read, which costs a tenth of what it takes to read an answer.
 *
 * A connection never writes twice to the same place of a block. So what it has read stays as it is until the block is
 * given back, and a block that nobody gives back is left to the garbage collector.
 */
export class ReadBlocks {
  /** By their buffers. Others may be asked for, too, and are none. */
  readonly #uses = new WeakMap<ArrayBufferLike, Use>();
  readonly #free: Buffer[] = [];
  /** What is read into at this moment. */
  #arriving: ArrayBufferLike | null = null;

  /** Where a connection reads into that has no block. */
  first(): Buffer {
    const block = this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#uses.set(block.buffer, 'read into');
    return block;
  }

  /** Something has arrived in `place`. As soon as it has been taken in, `after` follows. */
  arrive(place: Buffer): void {
    this.#arriving = place.buffer;
  }

  /** Where it reads into after `bytes` have arrived in `place`. */
  after(place: Buffer, bytes: number): Buffer {
    this.#arriving = null;
    return this.isReadInto(place.buffer) && place.length - bytes >= LEAST_ROOM ? place.subarray(bytes) : this.first();
  }

  /** Whether a connection reads into this memory: whoever takes its bytes in may move them over others that it has taken in. */
  isReadInto(buffer: ArrayBufferLike): boolean {
    return this.#uses.get(buffer) === 'read into';
  }

  /**
   * A whole answer lies in the memory of this body. If that is the block in which its end has just arrived, its connection
   * goes on in another one. Any other block is not used again: its connection may still read into it.
   */
  lend(body: Buffer): void {
    if (!this.isReadInto(body.buffer)) return;
    if (body.buffer === this.#arriving) this.#uses.set(body.buffer, 'lent');
    else this.#uses.delete(body.buffer);
  }

  /** The body is not used any more. */
  giveBack({ buffer }: Buffer): void {
    if (this.#uses.get(buffer) !== 'lent') return;
    this.#uses.set(buffer, 'free');
    if (this.#free.length < MOST_FREE) this.#free.push(Buffer.from(buffer));
  }
}

/** Those of the process: any connection may read into any block. */
export const readBlocks = new ReadBlocks();

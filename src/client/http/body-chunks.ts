/** A shorter piece takes more memory as an object of its own than copied behind the others. */
const SMALL_BYTES = 4096;
const MOST_COPIED_BYTES = 65_536;
const NOTHING = Buffer.alloc(0);

/**
 * The pieces of a body as they arrive. Together they take at most about twice the memory of their bytes: as objects, four
 * million chunks of one byte would take a gigabyte.
 */
export class BodyChunks {
  readonly #chunks: Buffer[] = [];
  #length = 0;
  /** Where small pieces are copied to; what lies before `#open` is in `#chunks` already. */
  #copied: Buffer = NOTHING;
  #open = 0;
  #end = 0;

  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer): void {
    const isFirst = this.#length === 0;
    this.#length += chunk.length;
    const last = this.#chunks.length - 1;
    if (this.#open === this.#end && last >= 0 && follows(chunk, this.#chunks[last]!)) {
      this.#chunks[last] = joined(this.#chunks[last]!, chunk);
      return;
    }
    // A piece keeps all that was read from the socket with it.
    const isSmall = chunk.length < SMALL_BYTES || 2 * chunk.length < chunk.buffer.byteLength;
    if (isSmall && !isFirst) {
      this.#copy(chunk);
    } else {
      this.#close();
      this.#chunks.push(chunk);
    }
  }

  whole(): Buffer {
    this.#close();
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#length);
  }

  #copy(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#end === this.#copied.length) {
        this.#close();
        const next = Math.min(MOST_COPIED_BYTES, Math.max(SMALL_BYTES, 2 * this.#copied.length));
        this.#copied = Buffer.allocUnsafeSlow(next);
        this.#open = 0;
        this.#end = 0;
      }
      const bytes = chunk.copy(this.#copied, this.#end, at);
      at += bytes;
      this.#end += bytes;
    }
  }

  /** What was copied since the last whole piece is a piece, too. */
  #close(): void {
    if (this.#end > this.#open) this.#chunks.push(this.#copied.subarray(this.#open, this.#end));
    this.#open = this.#end;
  }
}

/** Whether a piece lies right behind another one in memory, as those of a body of known length do. */
function follows(chunk: Buffer, last: Buffer): boolean {
  return chunk.buffer === last.buffer && chunk.byteOffset === last.byteOffset + last.length;
}

function joined(first: Buffer, second: Buffer): Buffer {
  return Buffer.from(first.buffer as ArrayBuffer, first.byteOffset, first.length + second.length);
}

/** A shorter piece takes more memory as an object of its own than copied behind the others. */
const SMALL_BYTES = 4096;
const MOST_COPIED_BYTES = 65_536;
const NOTHING = Buffer.alloc(0);

/**
 * The pieces of a body as they arrive. Together they take at most about twice the memory of their bytes: as objects, four
 * million chunks of one byte would take a gigabyte.
 */
export class BodyChunks {
  readonly #mayMove: (buffer: ArrayBufferLike) => boolean;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  /** Where small pieces are copied to; what lies before `#open` is in `#chunks` already. */
  #copied: Buffer = NOTHING;
  #open = 0;
  #end = 0;
  /** The last pieces, if they lie one after the other in memory in which they may be moved. */
  #run: Buffer = NOTHING;
  #runLength = 0;

  /**
   * @param mayMove whether the bytes of a body may be moved within this memory: then those of a chunked body are moved
   *   together where they arrived, over the lengths between them
   */
  constructor(mayMove: (buffer: ArrayBufferLike) => boolean = () => false) {
    this.#mayMove = mayMove;
  }

  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer): void {
    const isFirst = this.#length === 0;
    this.#length += chunk.length;
    if (this.#extendsRun(chunk)) return;
    this.#endRun();
    if (this.#mayMove(chunk.buffer)) {
      // To the end of its memory, so that what follows is a part of it.
      this.#run = Buffer.from(chunk.buffer as ArrayBuffer, chunk.byteOffset);
      this.#runLength = chunk.length;
    } else this.#keep(chunk, isFirst);
  }

  whole(): Buffer {
    if (this.#runLength === this.#length) return this.#run.subarray(0, this.#runLength);
    this.#endRun();
    this.#close();
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#length);
  }

  #extendsRun(chunk: Buffer): boolean {
    const at = chunk.byteOffset - this.#run.byteOffset;
    if (chunk.buffer !== this.#run.buffer || at < this.#runLength) return false;
    if (at > this.#runLength) this.#run.copyWithin(this.#runLength, at, at + chunk.length);
    this.#runLength += chunk.length;
    return true;
  }

  #endRun(): void {
    if (this.#runLength > 0) this.#keep(this.#run.subarray(0, this.#runLength), false);
    this.#run = NOTHING;
    this.#runLength = 0;
  }

  #keep(piece: Buffer, isFirst: boolean): void {
    // A piece keeps all that was read from the socket with it.
    const isSmall = piece.length < SMALL_BYTES || 2 * piece.length < piece.buffer.byteLength;
    if (isSmall && !isFirst) {
      this.#copy(piece);
    } else {
      this.#close();
      this.#chunks.push(piece);
    }
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

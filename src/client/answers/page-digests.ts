import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { CLOSE_OBJECT } from './json-bytes.ts';
import { type CompareItem, type KeptPage, type Likeness, type PageContent, START_BYTES } from './page-content.ts';

const DIGEST_BYTES = 32;

/** The first bytes of each item and a digest of all: 84 bytes an item, for pages whose bytes would take much memory. */
export class PageDigests implements PageContent {
  #length = 0;
  #checksum = 0;
  /** Null until the same checksum has come twice: a page that changes each time is not hashed for nothing. */
  #whole: string | null = null;
  #lengths = new Uint32Array(0);
  #starts = Buffer.alloc(0);
  #digests = Buffer.alloc(0);

  get byteLength(): number {
    return this.#starts.length + this.#digests.length + this.#lengths.byteLength;
  }

  hasBytesOf(body: Buffer): boolean {
    return this.#whole !== null && this.#hasChecksum(body) && hash('sha256', body, 'base64') === this.#whole;
  }

  lengthAt(place: number): number {
    return this.#lengths[place]!;
  }

  /** Always 0: a digest does not tell which bytes have changed. */
  endOfOtherText(): number {
    return 0;
  }

  changedWindows(): null {
    return null;
  }

  storeWindows(): void {
    throw new TypeError('digests say nothing about a part of a page');
  }

  comparerWith(body: Buffer): CompareItem {
    return (place, start) => this.#likeness(place, body, start);
  }

  #likeness(place: number, body: Buffer, start: number): Likeness {
    const length = this.#lengths[place];
    if (length === undefined) return 'other';
    const [starts, from] = [this.#starts, place * START_BYTES];
    for (let at = Math.min(START_BYTES, length) - 1; at >= 0; at--) {
      if (body[start + at] !== starts[from + at]) return 'other';
    }
    if (body[start + length - 1] !== CLOSE_OBJECT) return 'changed';
    const digest = hash('sha256', body.subarray(start, start + length), 'buffer');
    return digest.compare(this.#digests, place * DIGEST_BYTES, (place + 1) * DIGEST_BYTES) === 0 ? 'same' : 'changed';
  }

  keep({ body, spans, places }: KeptPage): void {
    this.#whole = this.#hasChecksum(body) ? hash('sha256', body, 'base64') : null;
    this.#length = body.length;
    this.#checksum = crc32(body);
    const [starts, digests, known] = [this.#starts, this.#digests, this.#lengths.length];
    this.#lengths = Uint32Array.from(places, (_, row) => spans[2 * row + 1]! - spans[2 * row]!);
    this.#starts = Buffer.alloc(places.length * START_BYTES);
    this.#digests = Buffer.allocUnsafeSlow(places.length * DIGEST_BYTES);
    for (const [row, place] of places.entries()) {
      const [toStart, toDigest] = [row * START_BYTES, row * DIGEST_BYTES];
      if (place >= 0 && place < known) {
        starts.copy(this.#starts, toStart, place * START_BYTES, (place + 1) * START_BYTES);
        digests.copy(this.#digests, toDigest, place * DIGEST_BYTES, (place + 1) * DIGEST_BYTES);
      } else {
        const item = body.subarray(spans[2 * row]!, spans[2 * row + 1]!);
        item.copy(this.#starts, toStart, 0, START_BYTES);
        hash('sha256', item, 'buffer').copy(this.#digests, toDigest);
      }
    }
  }

  #hasChecksum(body: Buffer): boolean {
    return body.length === this.#length && crc32(body) === this.#checksum;
  }
}

import { CLOSE_OBJECT, QUOTE } from './json-bytes.ts';
import {
  type FindItem,
  type ItemStart,
  type KeptPage,
  type Likeness,
  type PageContent,
  START_BYTES,
} from './page-content.ts';

/** The bytes themselves: the quickest to compare with, for pages that take little memory. */
export class PageBytes implements PageContent {
  /** The page; may be followed by bytes of longer ones. */
  #bytes = Buffer.alloc(0);
  #length = 0;
  #spans: Uint32Array = new Uint32Array(0);

  isOf(body: Buffer): boolean {
    return body.length === this.#length && body.compare(this.#bytes, 0, this.#length) === 0;
  }

  lengthAt(place: number): number {
    return this.#spans[2 * place + 1]! - this.#spans[2 * place]!;
  }

  endOfOtherText(place: number, text: number, { body, start }: ItemStart): number {
    const from = this.#spans[2 * place]!;
    const to = this.#spans[2 * place + 1]!;
    const bytes = this.#bytes;
    const quote = bytes.indexOf(QUOTE, from + text);
    const shift = start - from;
    const isSame =
      body.compare(bytes, from, from + text, start, start + text) === 0 &&
      body.compare(bytes, quote, to, quote + shift, to + shift) === 0;
    return isSame ? quote - from : 0;
  }

  changedIn(body: Buffer, windows: Uint32Array): readonly number[] | null {
    if (body.length !== this.#length) return null;
    const bytes = this.#bytes;
    const changed: number[] = [];
    let from = 0;
    for (let index = 0; 2 * index < windows.length; index++) {
      const [start, end] = [windows[2 * index]!, windows[2 * index + 1]!];
      if (body.compare(bytes, from, start, from, start) !== 0) return null;
      from = end;
      // So few that a loop is quicker; from the end, where the next time differs first.
      let at = end - 1;
      while (at >= start && body[at] === bytes[at]) at--;
      if (at >= start) changed.push(index);
    }
    return body.compare(bytes, from, this.#length, from) === 0 ? changed : null;
  }

  takeIn(body: Buffer, windows: Uint32Array): void {
    for (let index = 0; index < windows.length; index += 2) {
      for (let at = windows[index]!; at < windows[index + 1]!; at++) this.#bytes[at] = body[at]!;
    }
  }

  finderIn(body: Buffer): FindItem {
    const shift = body.length - this.#length;
    const sameFrom = body.length - sameAtEnd(body, this.#bytes.subarray(0, this.#length));
    // Most of what happens in a list happens at its start: the rest needs one comparison together.
    return (place, start) =>
      start >= sameFrom && this.#spans[2 * place] === start - shift ? 'same' : this.#likeness(place, body, start);
  }

  #likeness(place: number, body: Buffer, start: number): Likeness {
    if (place < 0 || 2 * place >= this.#spans.length) return 'other';
    const from = this.#spans[2 * place]!;
    const length = this.lengthAt(place);
    const bytes = this.#bytes;
    // From the end: where the ids are counted up, their first bytes are the same.
    for (let at = Math.min(START_BYTES, length) - 1; at >= 0; at--) {
      if (body[start + at] !== bytes[from + at]) return 'other';
    }
    if (body[start + length - 1] !== CLOSE_OBJECT) return 'changed';
    return body.compare(bytes, from, from + length, start, start + length) === 0 ? 'same' : 'changed';
  }

  keep({ body, spans }: KeptPage): void {
    // Copied into the same memory each time: what outlives a poll would only be freed by a full garbage collection.
    const fits = this.#bytes.length >= body.length && this.#bytes.length <= 2 * body.length;
    if (!fits) this.#bytes = Buffer.allocUnsafeSlow(body.length);
    body.copy(this.#bytes);
    this.#length = body.length;
    if (this.#spans.length === spans.length) this.#spans.set(spans);
    else this.#spans = Uint32Array.from(spans);
  }
}

/** Shorter pieces are not worth a comparison. */
const PIECE_BYTES = 256;

/** How many bytes at the ends of both are the same, and maybe a few more. */
function sameAtEnd(one: Buffer, other: Buffer): number {
  let same = 0;
  let differs = Math.min(one.length, other.length) + 1;
  while (differs - same > PIECE_BYTES) {
    const middle = (same + differs) >> 1;
    const isSame =
      one.compare(other, other.length - middle, other.length - same, one.length - middle, one.length - same) === 0;
    if (isSame) same = middle;
    else differs = middle;
  }
  return same;
}

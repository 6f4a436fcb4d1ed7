import { CLOSE_OBJECT, QUOTE } from './json-bytes.ts';
import {
  type CompareItem,
  type ItemStart,
  type KeptPage,
  type Likeness,
  type PageContent,
  START_BYTES,
} from './page-content.ts';
import { SettledRows } from './settled-rows.ts';

/**
 * Keeps the bytes of the rows that may still change, because comparing bytes is quickest, and a code for each block of
 * settled rows.
 */
export class PageBytes implements PageContent {
  /** The page without its settled rows. The buffer is reused, so bytes of an earlier, longer page may follow. */
  #bytes = Buffer.alloc(0);
  #settled = SettledRows.NONE;
  #length = 0;
  #spans: Uint32Array = new Uint32Array(0);

  get byteLength(): number {
    return this.#bytes.length + this.#spans.byteLength + this.#settled.byteLength;
  }

  hasBytesOf(body: Buffer): boolean {
    return body.length === this.#length && this.#hasAgain(body, 0, body.length) && this.#settled.areIn(body);
  }

  lengthAt(place: number): number {
    return this.#spans[2 * place + 1]! - this.#spans[2 * place]!;
  }

  endOfOtherText(place: number, text: number, { body, start }: ItemStart): number {
    const from = this.#keptAt(this.#spans[2 * place]!);
    const to = from + this.lengthAt(place);
    const bytes = this.#bytes;
    const quote = bytes.indexOf(QUOTE, from + text);
    const shift = start - from;
    const isSame =
      body.compare(bytes, from, from + text, start, start + text) === 0 &&
      body.compare(bytes, quote, to, quote + shift, to + shift) === 0;
    return isSame ? quote - from : 0;
  }

  changedWindows(body: Buffer, windows: Uint32Array): readonly number[] | null {
    if (body.length !== this.#length) return null;
    const changed: number[] = [];
    let from = 0;
    for (let index = 0; 2 * index < windows.length; index++) {
      const [start, end] = [windows[2 * index]!, windows[2 * index + 1]!];
      if (!this.#hasAgain(body, from, start)) return null;
      from = end;
      // A loop, because a window has few bytes; from the end, because the last digits of a time differ first.
      const kept = this.#keptAt(start) - start;
      let at = end - 1;
      while (at >= start && body[at] === this.#bytes[at + kept]) at--;
      if (at >= start) changed.push(index);
    }
    return this.#hasAgain(body, from, body.length) && this.#settled.areIn(body) ? changed : null;
  }

  storeWindows(body: Buffer, windows: Uint32Array): void {
    for (let index = 0; index < windows.length; index += 2) {
      const [start, end] = [windows[index]!, windows[index + 1]!];
      const kept = this.#keptAt(start) - start;
      for (let at = start; at < end; at++) this.#bytes[at + kept] = body[at]!;
    }
  }

  comparerWith(body: Buffer): CompareItem {
    const isSettledAt = this.#settled.comparerWith(body);
    return (place, start) => {
      if (place < 0 || 2 * place >= this.#spans.length) return 'other';
      const from = this.#spans[2 * place]!;
      const block = this.#settled.blockOf(place);
      if (block >= 0) return isSettledAt(block, from, start) ? 'same' : 'other';
      return this.#likeness(this.#keptAt(from), this.lengthAt(place), { body, start });
    };
  }

  #likeness(from: number, length: number, { body, start }: ItemStart): Likeness {
    const bytes = this.#bytes;
    // From the end, because ids that are counted up differ in their last bytes.
    for (let at = Math.min(START_BYTES, length) - 1; at >= 0; at--) {
      if (body[start + at] !== bytes[from + at]) return 'other';
    }
    if (body[start + length - 1] !== CLOSE_OBJECT) return 'changed';
    return body.compare(bytes, from, from + length, start, start + length) === 0 ? 'same' : 'changed';
  }

  keep(page: KeptPage): void {
    const { body, spans } = page;
    this.#settled = SettledRows.in(page, this.#settled);
    this.#length = body.length;
    const { ranges } = this.#settled;
    const kept = this.#keptAt(body.length);
    // The buffer is reused: a new one for each poll would only be freed by a full garbage collection.
    const fits = this.#bytes.length >= kept && this.#bytes.length <= 2 * kept;
    if (!fits) this.#bytes = Buffer.allocUnsafeSlow(kept);
    let to = 0;
    for (let index = 0; index <= ranges.length; index += 2) {
      to += body.copy(this.#bytes, to, ranges[index - 1] ?? 0, ranges[index] ?? body.length);
    }
    if (this.#spans.length === spans.length) this.#spans.set(spans);
    else this.#spans = Uint32Array.from(spans);
  }

  /** The offset in the kept bytes of what stands at `offset` in the page: settled rows before it are not kept. */
  #keptAt(offset: number): number {
    const { ranges } = this.#settled;
    let kept = offset;
    for (let index = 0; index < ranges.length && ranges[index]! < offset; index += 2) {
      kept -= ranges[index + 1]! - ranges[index]!;
    }
    return kept;
  }

  /** Whether a body of the same length has the same bytes from `from` to `to`, apart from the settled rows. */
  #hasAgain(body: Buffer, from: number, to: number): boolean {
    const { ranges } = this.#settled;
    let start = from;
    for (let index = 0; index < ranges.length && start < to; index += 2) {
      if (ranges[index]! < start) continue;
      if (!this.#isSame(body, start, Math.min(ranges[index]!, to))) return false;
      start = ranges[index + 1]!;
    }
    return start >= to || this.#isSame(body, start, to);
  }

  #isSame(body: Buffer, from: number, to: number): boolean {
    const kept = this.#keptAt(from);
    return body.compare(this.#bytes, kept, kept + to - from, from, to) === 0;
  }
}

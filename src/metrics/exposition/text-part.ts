/**
 * The text of one metric for some neighbouring environments (its rows), and the values that its lines were written
 * from.
 */
export interface TextPart {
  /** Handed out to readers, so it is never modified, only replaced. */
  readonly text: Buffer;
  /** Where the text of each row ends. */
  readonly ends: Uint32Array;
  /** The number of lines up to the end of each row; not kept for a histogram. */
  readonly lineEnds: Uint32Array;
  readonly labels: readonly string[];
  readonly values: Float64Array;
}

/** One rewritten row. */
export interface RowEdit {
  readonly row: number;
  readonly text: string;
  readonly labels: readonly string[];
  readonly values: readonly number[];
}

/** UTF-8 needs at most this many bytes per unit of a string. */
const MOST_BYTES_PER_UNIT = 3;

/** Texts are assembled in this buffer, so that only what is kept has to be allocated. */
let scratch = Buffer.allocUnsafeSlow(256 * 1024);

/** A part without text, with this many rows. */
export function emptyPart(rows: number): TextPart {
  return {
    text: Buffer.alloc(0),
    ends: new Uint32Array(rows),
    lineEnds: new Uint32Array(rows),
    labels: [],
    values: new Float64Array(0),
  };
}

/** The part with some rows written again, in ascending order; all others are copied as bytes. */
export function editPart(before: TextPart, edits: readonly RowEdit[]): TextPart {
  const { text, ends } = editText(before, edits);
  const isSame = text.length === before.text.length && text.equals(before.text);
  return { text: isSame ? before.text : copyOf(text), ends, ...editLines(before, edits) };
}

/**
 * A copy with its own memory: `Buffer.from` takes small buffers from a pool of 64 KB, which lives as long as any of them.
 */
function copyOf(text: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(text.length);
  copy.set(text);
  return copy;
}

function editText(before: TextPart, edits: readonly RowEdit[]): { text: Uint8Array & Buffer; ends: Uint32Array } {
  const ends = new Uint32Array(before.ends.length);
  let at = 0;
  let row = 0;
  for (let index = 0; index < edits.length; ) {
    at = copyRows(before, { ends, from: row, to: edits[index]!.row, at });
    row = edits[index]!.row;
    // Neighbours are written in one go: a call for each would cost more than its bytes.
    const first = index;
    let pending = '';
    for (; edits[index]?.row === row; index++, row++) pending += edits[index]!.text;
    reserve(at, pending.length * MOST_BYTES_PER_UNIT);
    const bytes = scratch.write(pending, at);
    for (const edit of edits.slice(first, index)) {
      at += bytes === pending.length ? edit.text.length : Buffer.byteLength(edit.text);
      ends[edit.row] = at;
    }
  }
  at = copyRows(before, { ends, from: row, to: ends.length, at });
  return { text: scratch.subarray(0, at), ends };
}

function copyRows(
  { text, ends: endsBefore }: TextPart,
  { ends, from, to, at }: { readonly ends: Uint32Array; readonly from: number; readonly to: number; at: number },
): number {
  if (from === to) return at;
  const start = endsBefore[from - 1] ?? 0;
  const end = endsBefore[to - 1]!;
  reserve(at, end - start);
  text.copy(scratch, at, start, end);
  for (let row = from; row < to; row++) ends[row] = endsBefore[row]! - start + at;
  return at + end - start;
}

function reserve(at: number, bytes: number): void {
  if (at + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafeSlow(2 * (at + bytes));
  scratch.copy(larger, 0, 0, at);
  scratch = larger;
}

function editLines(before: TextPart, edits: readonly RowEdit[]): Pick<TextPart, 'lineEnds' | 'labels' | 'values'> {
  const lineEnds = new Uint32Array(before.lineEnds.length);
  const labels: string[] = [];
  const values: number[] = [];
  let next = 0;
  for (let row = 0; row < lineEnds.length; row++) {
    const edit = edits[next]?.row === row ? edits[next++]! : null;
    const end = before.lineEnds[row]!;
    for (let line = before.lineEnds[row - 1] ?? 0; edit === null && line < end; line++) {
      labels.push(before.labels[line]!);
      values.push(before.values[line]!);
    }
    if (edit !== null) labels.push(...edit.labels);
    if (edit !== null) values.push(...edit.values);
    lineEnds[row] = labels.length;
  }
  // An array that grew has room to spare.
  return { lineEnds, labels: labels.slice(), values: Float64Array.from(values) };
}

import type { EpochMs } from '../../base/clock.ts';
import type { WorkItem } from '../../domain/work.ts';
import type { ListOrder } from './list-order.ts';

/** Consecutive pages that a full scan read at about the same time: docs/design/list-scan.md#full-scan. */
export interface ListPart {
  readonly pages: number;
  /** When its first page was asked for, monotonic. */
  readonly readAt: number;
  /** Its last row with a date; null if no row has one. Rows move from page to page but never past each other. */
  readonly end: { readonly id: string; readonly createdAt: EpochMs } | null;
}

/** Decides when a part of the list has to be read again. */
interface Deadlines {
  /** Monotonic, milliseconds. */
  readonly now: number;
  /** Each page is to be read again within this time. */
  readonly withinMs: number;
  /** The scheduled interval between scans. */
  readonly intervalMs: number;
  /** The most pages of a full scan that one scan usually reads. */
  readonly mostPages: number;
  /** How many pages of a full scan this scan has read. */
  readonly readPages: number;
}

/** A scan may begin late and needs time to get to the page in question: this fraction of an interval is allowed for both. */
const LATE_INTERVALS = 0.5;

/**
 * Whether the next page is to be read in this scan: by the next scan it would be too old, or scans of the usual size could
 * no longer read all pages behind it in time. `ahead` are the parts in the order in which they are to be read.
 */
export function isPageDue(
  ahead: readonly ListPart[],
  { now, withinMs, intervalMs, mostPages, readPages }: Deadlines,
): boolean {
  /** How many later scans are early enough for a part. */
  const scansLeft = ({ readAt }: ListPart) => Math.floor((readAt + withinMs - now) / intervalMs - LATE_INTERVALS);
  const [first] = ahead;
  // A scan that has read its share goes on if a part would otherwise become too old. A part that is too old already, as
  // after an outage, is read at the usual pace.
  if (readPages >= mostPages) return first !== undefined && scansLeft(first) <= 0 && first.readAt + withinMs >= now;
  let pages = 0;
  return ahead.some((part) => {
    pages += part.pages;
    const left = scansLeft(part);
    return left <= 0 || pages > left * mostPages;
  });
}

/** The parts that a full scan has read, and those of the previous full scan that it has not passed yet. */
export class ListParts {
  #read: ListPart[] = [];
  readonly #left: ListPart[];

  constructor(before: readonly ListPart[]) {
    this.#left = [...before];
  }

  get read(): readonly ListPart[] {
    return this.#read;
  }

  /** The parts to be read next: the rest of this full scan, and then, by the next full scan, what this one has read. */
  get ahead(): readonly ListPart[] {
    return [...this.#left, ...this.#read];
  }

  /** The next page was read. Pages that were asked for within `togetherMs` are one part. */
  add(
    { items, askedAt }: { readonly items: readonly WorkItem[]; readonly askedAt: number },
    { order, togetherMs }: { readonly order: ListOrder; readonly togetherMs: number },
  ): void {
    const end = lastDated(items);
    const last = this.#read.at(-1);
    // Pages without a date cannot be found again by themselves: they belong to the part around them.
    const joins = last !== undefined && (askedAt - last.readAt <= togetherMs || last.end === null || end === null);
    if (joins) this.#read[this.#read.length - 1] = { ...last, pages: last.pages + 1, end: end ?? last.end };
    // `concat`, because `push` and spread make room for 16 more elements, and most lists are a single part.
    else this.#read = this.#read.concat([{ pages: 1, readAt: askedAt, end }]);
    // The end of the last part is that of the list, wherever it is now.
    while (this.#left.length > 1 && isPassed(this.#left[0]!, items, { end, order })) this.#left.shift();
    const [part] = this.#left;
    if (part !== undefined) this.#left[0] = { ...part, pages: Math.max(1, part.pages - 1) };
  }
}

/** Whether a page contains the end of a part or, if that row has left the list, rows behind it. `end` is its last dated row. */
function isPassed(
  part: ListPart,
  items: readonly WorkItem[],
  { end, order }: { readonly end: ListPart['end']; readonly order: ListOrder },
): boolean {
  if (part.end === null || end === null) return false;
  const ahead = order === 'oldest' ? end.createdAt - part.end.createdAt : part.end.createdAt - end.createdAt;
  return ahead > 0 || (ahead === 0 && items.some(({ id }) => id === part.end!.id));
}

function lastDated(items: readonly WorkItem[]): ListPart['end'] {
  for (let row = items.length - 1; row >= 0; row--) {
    const { id, createdAt } = items[row]!;
    if (createdAt !== null) return { id, createdAt };
  }
  return null;
}

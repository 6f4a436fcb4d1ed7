import type { FullScanEnd, LedgerRead, Sighting } from '../../lifecycle/ledger.ts';

interface UnpublishedSighting extends Sighting {
  /** Number of the full scan that showed it; `NO_FULL_SCAN` for none. */
  readonly fullScan: number;
}

/** What scans have seen and not published yet: a scan that fails leaves it to the next one that succeeds. */
export class Unpublished {
  /** A new map for each scan: a map that is reused would keep old values alive until a full garbage collection. */
  #sightings: Map<string, UnpublishedSighting> | null = null;
  #gone = new Set<string>();
  #fullScanEnd: FullScanEnd | null = null;
  #additions = 0;

  /** The last full scan that ended and is not published yet; null when there is none. */
  get fullScanEnd(): FullScanEnd | null {
    return this.#fullScanEnd;
  }

  /** How many items the ledger does not follow yet, and will. */
  get additions(): number {
    return this.#additions;
  }

  sightingOf(id: string): UnpublishedSighting | undefined {
    return this.#sightings?.get(id);
  }

  /** Whether anything is to be published of an item. */
  mentions(id: string): boolean {
    return this.#sightings?.has(id) === true || this.#gone.has(id);
  }

  /** An answer has shown the item: it is in the list, whether or not the ledger needs to know it. */
  noteListed(id: string): void {
    this.#gone.delete(id);
  }

  /** The ledger will follow one more item: the next sighting is the first of its item. */
  countAddition(): void {
    this.#additions++;
  }

  /** An answer has shown this; it replaces an earlier sighting of the item. */
  saw(sighting: UnpublishedSighting): void {
    this.#sightings ??= new Map();
    this.#sightings.set(sighting.item.id, sighting);
  }

  /** The list no longer has the item. */
  noteGone(id: string): void {
    this.#gone.add(id);
  }

  fullScanEnded(end: FullScanEnd): void {
    this.#fullScanEnd = end;
  }

  /** Hands everything over to the ledger. */
  take(): LedgerRead {
    const read = { sightings: [...(this.#sightings?.values() ?? [])], gone: this.#gone, fullScan: this.#fullScanEnd };
    this.#sightings = null;
    if (this.#gone.size > 0) this.#gone = new Set();
    this.#fullScanEnd = null;
    this.#additions = 0;
    return read;
  }
}

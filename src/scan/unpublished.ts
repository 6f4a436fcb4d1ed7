import type { FullScanEnd, LedgerRead } from '../lifecycle/ledger.ts';
import type { Sighting } from '../lifecycle/ledger-item.ts';

interface UnpublishedSighting extends Sighting {
  /** Number of the full scan that made it; -1 for none. */
  readonly fullScan: number;
}

/** What scans have seen since the last one that ended well: it is published with the next that does. */
export class Unpublished {
  readonly #sightings = new Map<string, UnpublishedSighting>();
  readonly #gone = new Set<string>();
  #fullScanEnd: FullScanEnd | null = null;

  /** The last full scan that ended, if it is not published yet. */
  get fullScanEnd(): FullScanEnd | null {
    return this.#fullScanEnd;
  }

  sightingOf(id: string): UnpublishedSighting | undefined {
    return this.#sightings.get(id);
  }

  /** An item is in the list, whether the ledger has to hear of it or not. */
  isThere(id: string): void {
    this.#gone.delete(id);
  }

  saw(sighting: UnpublishedSighting): void {
    this.#sightings.set(sighting.item.id, sighting);
  }

  /** The list has an item no more. */
  isGone(id: string): void {
    this.#gone.add(id);
  }

  fullScanEnded(end: FullScanEnd): void {
    this.#fullScanEnd = end;
  }

  /** Hands everything over, for the ledger. */
  take(): LedgerRead {
    const read = { sightings: [...this.#sightings.values()], gone: [...this.#gone], fullScan: this.#fullScanEnd };
    this.#sightings.clear();
    this.#gone.clear();
    this.#fullScanEnd = null;
    return read;
  }
}

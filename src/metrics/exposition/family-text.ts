import type { Blocks } from './environment-blocks.ts';

/**
 * The text of one metric over the fleet. Most families, thresholds above all, stay the same from scrape to scrape: one
 * that did is joined and kept as a single Buffer. One that keeps changing is handed out in its blocks, because joining
 * it anew each time would copy it once more than needed.
 */
export class FamilyText {
  readonly #blocks: Buffer[] = [];
  #joined: Buffer | null = null;

  /** The blocks at one place, in the order of the fleet. */
  pieces(
    fleet: readonly { readonly blocks: Blocks }[],
    at: { readonly section: number; readonly metric: number },
  ): readonly Buffer[] {
    if (!this.#update(fleet, at)) {
      this.#joined ??= Buffer.concat(this.#blocks);
      return this.#joined.length === 0 ? [] : [this.#joined];
    }
    this.#joined = null;
    return this.#blocks.filter((block) => block.length > 0);
  }

  #update(
    fleet: readonly { readonly blocks: Blocks }[],
    { section, metric }: { readonly section: number; readonly metric: number },
  ): boolean {
    let changed = this.#blocks.length !== fleet.length;
    for (let index = 0; index < fleet.length; index++) {
      const block = fleet[index]!.blocks[section]![metric]!;
      if (this.#blocks[index] === block) continue;
      this.#blocks[index] = block;
      changed = true;
    }
    this.#blocks.length = fleet.length;
    return changed;
  }
}

/** An edit that no input can tell from the original, or only one that cannot occur; `edit` as the script prints it. */
export interface EquivalentMutant {
  readonly rule: string;
  readonly edit: string;
  readonly reason: string;
}

export const EQUIVALENT_MUTANTS: readonly EquivalentMutant[] = [];

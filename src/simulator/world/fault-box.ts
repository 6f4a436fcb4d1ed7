import type { Random } from '../../base/random.ts';
import type { Endpoint, Fault } from '../scenarios/fault.ts';
import type { KeyHolder } from './access.ts';

interface ActiveFault {
  readonly fault: Fault;
  remaining: number;
}

/** The active faults: those of the scenario and those that were requested. */
export class FaultBox {
  readonly #random: Random;
  #scenario: ActiveFault[] = [];
  #asked: ActiveFault[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  setScenario(faults: readonly Fault[]): void {
    this.#scenario = faults.map(activate);
  }

  /** Replaces the requested faults; an empty list clears them. */
  set(faults: readonly Fault[]): void {
    this.#asked = faults.map(activate);
  }

  /** All active faults, the scenario's first. */
  active(): readonly Fault[] {
    return [...this.#scenario, ...this.#asked].filter(({ remaining }) => remaining > 0).map(({ fault }) => fault);
  }

  /** The faults that hit this request; each hit counts against the fault's `count`. */
  hit(endpoint: Endpoint, environmentId: string | null, key: KeyHolder['kind'] | null = null): readonly Fault[] {
    const hits: Fault[] = [];
    for (const active of [...this.#scenario, ...this.#asked]) {
      const { fault } = active;
      if (active.remaining <= 0 || !isInScope(fault, endpoint, environmentId)) continue;
      if (fault.keys !== undefined && !fault.keys.some((one) => one === key)) continue;
      if (fault.probability !== undefined && this.#random() >= fault.probability) continue;
      active.remaining--;
      hits.push(fault);
    }
    return hits;
  }
}

function activate(fault: Fault): ActiveFault {
  return { fault, remaining: fault.count ?? Number.POSITIVE_INFINITY };
}

function isInScope(fault: Fault, endpoint: Endpoint, environmentId: string | null): boolean {
  if (fault.endpoints !== undefined && !fault.endpoints.includes(endpoint)) return false;
  if (fault.environments === undefined) return true;
  return environmentId !== null && fault.environments.includes(environmentId);
}

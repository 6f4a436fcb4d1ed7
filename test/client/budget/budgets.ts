import { Budget } from '../../../src/client/budget/budget.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export function create(requestsPerMinute: number, random = () => 0.5) {
  const clock = new ManualClock();
  return { clock, budget: new Budget(requestsPerMinute, { clock, random }) };
}

/** Takes every token that is there now; returns how many. */
export function drain(budget: Budget): number {
  let taken = 0;
  while (budget.tryTake()) taken++;
  return taken;
}

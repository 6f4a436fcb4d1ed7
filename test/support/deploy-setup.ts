import { setUpForDeploy } from '../tools/set-up.ts';

/** After global-setup.ts. */
export default function setup(): void {
  setUpForDeploy();
}

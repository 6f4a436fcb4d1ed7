import { DEPLOY } from './test/support/test-projects.ts';
import base from './vitest.config.ts';

/** `npm run test:deploy`: what needs programs that Go builds, or root. */
const { projects: _, globalSetup, ...settings } = base.test!;

export default { test: { ...settings, ...DEPLOY, globalSetup: [globalSetup, 'test/tools/set-up.ts'].flat() } };

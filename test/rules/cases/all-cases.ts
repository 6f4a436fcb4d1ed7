import type { RuleCase } from '../support/rule-case.ts';
import { API_CASES } from './api-cases.ts';
import { COVERAGE_CASES } from './coverage-cases.ts';
import { EXPORTER_CASES } from './exporter-cases.ts';
import { SESSION_CASES } from './session-cases.ts';
import { VISIBILITY_CASES } from './visibility-cases.ts';

/** Edges of the rules about the exporter itself, about what it sees and about sessions, to the half minute. */
export const CASES: Readonly<Record<string, readonly RuleCase[]>> = {
  exporter: EXPORTER_CASES,
  api: API_CASES,
  coverage: COVERAGE_CASES,
  sessions: SESSION_CASES,
  visibility: VISIBILITY_CASES,
};

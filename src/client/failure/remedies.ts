import type { FailedRequest } from './failed-request.ts';
import { REMEDY_RULES, type RemedyRule } from './remedy-rules.ts';

/** One or two sentences that say what to do about an answer that is not a success. */
export function remedyFor(request: FailedRequest): string {
  const rule = REMEDY_RULES.find((one) => fits(one, request));
  if (rule !== undefined) return rule.remedy(request);
  if (request.status >= 500 || request.status === 408) {
    return 'The API, or a gateway before it, is failing: the exporter tries again by itself; if it lasts, see the status page of the API.';
  }
  return 'Check base_url and provider, and what proxies in between do; else report it to the service, with the request id if there is one.';
}

function fits(rule: RemedyRule, { envelope, ...request }: FailedRequest): boolean {
  const { says, credential, operation, byCursor, isPage, otherKey } = rule;
  return (
    rule.status.includes(request.status) &&
    (says?.test(`${envelope.errorCode ?? ''} ${envelope.message ?? ''}`) ?? true) &&
    (credential ?? request.credential) === request.credential &&
    (operation ?? request.operation) === request.operation &&
    (byCursor === undefined || request.byCursor === true) &&
    (isPage === undefined || request.isPage === true) &&
    (otherKey === undefined || request.preset.credentials[request.operation].includes(otherKey))
  );
}

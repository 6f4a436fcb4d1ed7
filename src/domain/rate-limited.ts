/** The remedy for a 429: the vendor's limits apply to everything that an organization sends. */
export const RATE_LIMITED_REMEDY =
  'The organization is over its rate limit: lower requests_per_minute here, or find what else sends requests.';

/** What to do about findings of which the log, the page and errors tell in the same words. */

/** A list whose pages lead back to an earlier one, or to none, before the end of the list. */
export const CHAIN_BROKEN_REMEDY =
  'The pages of the API contradict each other: check that provider names the service at base_url, and what proxies in between do; else report it to the service.';

/** A 429: the vendor's limits apply to everything that an organization sends. */
export const RATE_LIMITED_REMEDY =
  'The organization is over its rate limit: lower requests_per_minute here, or find what else sends requests.';

/** The items of a list do not fit into the memory of the exporter. */
export const ROOMLESS_REMEDY =
  'Give the exporter more memory if so many items are live at once; else find out why the service lists them.';

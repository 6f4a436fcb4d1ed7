/** The remedy for a list whose pages lead back to an earlier one, or to none, before the end of the list. */
export const CHAIN_BROKEN_REMEDY =
  'The pages of the API contradict each other: check that provider names the service at base_url, and what proxies in between do; else report it to the service.';

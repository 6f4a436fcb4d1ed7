import { MOST_ANSWERS } from './answers-in-flight.ts';

/** What a request is told for which there is no room. */
export const TOO_MANY_ANSWERS = {
  status: 503,
  code: 'too_many_requests_in_flight',
  message: `More than ${MOST_ANSWERS} answers are under way.`,
  remedy: 'Ask again in a second; find out who asks without reading the answers.',
} as const;

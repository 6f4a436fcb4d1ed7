import { describe, expect, it } from 'vitest';
import { NO_ENVELOPE, parseErrorEnvelope } from '../../src/wire/parse-error-envelope.ts';

describe('parseErrorEnvelope', () => {
  it('type, message and code of an error envelope are read', () => {
    const error = { type: 'rate_limit_error', message: 'slow', details: { error_code: 'ramp_limit_exceeded' } };
    expect(parseErrorEnvelope({ type: 'error', error, request_id: 'req_1' })).toEqual({
      type: 'rate_limit_error',
      message: 'slow',
      errorCode: 'ramp_limit_exceeded',
    });
  });

  it.each([[null], ['text'], [{}], [{ error: 'x' }], [{ error: { message: 7, details: [] }, request_id: null }]])(
    'makes nothing of %j',
    (body) => {
      expect(parseErrorEnvelope(body)).toEqual(NO_ENVELOPE);
    },
  );
});

import type { Dispatcher } from 'undici';
import { describe, expect, it } from 'vitest';
import { AnswerReceiver } from '../../../src/client/http/answer-receiver.ts';
import { BodyError } from '../../../src/client/http/body-error.ts';

/** The parser's end of a connection. */
function receiving(options: { readonly mostBytes?: number; readonly mostErrorBytes?: number } = {}) {
  const receiver = new AnswerReceiver({ clock: { monotonic: () => 7 }, mostBytes: 10, mostErrorBytes: 5, ...options });
  const aborted: Error[] = [];
  const controller = { abort: (reason: Error) => aborted.push(reason) } as unknown as Dispatcher.DispatchController;
  return { receiver, controller, aborted };
}

const BROKEN = new Error('the socket is gone');

describe('AnswerReceiver', () => {
  it('puts an answer together from whatever pieces it comes in, interim answers apart', async () => {
    const { receiver, controller, aborted } = receiving();
    receiver.onRequestStart(controller);
    receiver.onResponseStart(controller, 103, { link: 'early' });
    receiver.onResponseStart(controller, 200, { 'content-length': '6' });
    for (const piece of ['a', 'bc', 'def']) receiver.onResponseData(controller, Buffer.from(piece));
    receiver.onResponseEnd();
    const body = Buffer.from('abcdef');
    expect(await receiver.ended).toEqual({ status: 200, headers: { 'content-length': '6' }, headersAt: 7, body });
    expect(aborted).toEqual([]);
  });

  it.each([
    { status: 200, most: 10 },
    { status: 503, most: 5 },
  ])(
    'refuses a body of $status that is longer than $most bytes, as soon as that is known',
    async ({ status, most }) => {
      for (const announced of [true, false]) {
        const { receiver, controller, aborted } = receiving();
        receiver.onRequestStart(controller);
        receiver.onResponseStart(controller, status, announced ? { 'content-length': String(most + 1) } : {});
        if (!announced) for (let n = 0; n <= most; n++) receiver.onResponseData(controller, Buffer.from('x'));
        expect(aborted).toHaveLength(1);
        receiver.onResponseData(controller, Buffer.from('x'));
        receiver.onResponseError(controller, aborted[0]!);
        expect(await receiver.ended).toMatchObject({
          status,
          body: { problem: `more than the ${most} bytes that are allowed` },
        });
      }
    },
  );

  it('takes a body that is as long as it may be', async () => {
    const { receiver, controller, aborted } = receiving();
    receiver.onResponseStart(controller, 200, { 'content-length': '10' });
    receiver.onResponseData(controller, Buffer.from('0123456789'));
    receiver.onResponseEnd();
    expect(await receiver.ended).toMatchObject({ body: Buffer.from('0123456789') });
    expect(aborted).toEqual([]);
  });

  it('is over at once when it is called off, and sends nothing if its turn comes later', async () => {
    const { receiver, controller, aborted } = receiving();
    receiver.callOff(BROKEN);
    expect(await receiver.ended).toEqual({ error: BROKEN, begun: false });
    receiver.onRequestStart(controller);
    expect(aborted).toEqual([BROKEN]);
  });

  it.each([
    { status: null, what: 'before its head', result: { error: BROKEN, begun: false } },
    { status: 200, what: 'in the middle of a success', result: { error: BROKEN, begun: true } },
    {
      status: 503,
      what: 'in the middle of an error',
      result: { status: 503, body: new BodyError('a body that broke off') },
    },
  ])('that ends $what', async ({ status, result }) => {
    const ends = [
      ({ receiver, controller }: ReturnType<typeof receiving>) => receiver.onResponseError(controller, BROKEN),
      ({ receiver }: ReturnType<typeof receiving>) => receiver.callOff(BROKEN),
    ];
    for (const end of ends) {
      const one = receiving();
      one.receiver.onRequestStart(one.controller);
      if (status !== null) one.receiver.onResponseStart(one.controller, status, {});
      end(one);
      expect(await one.receiver.ended).toMatchObject(result);
    }
  });
});

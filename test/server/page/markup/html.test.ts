import { expect, it } from 'vitest';
import { html } from '../../../../src/server/page/markup/html.ts';

it('a template escapes what it is given and keeps markup of its own', () => {
  expect(html`<b title="${'"'}">${[html`<i>${"'&'"}</i>`, html`${1}`]}${null}</b>`.toString()).toBe(
    '<b title="&quot;"><i>&#39;&amp;&#39;</i>1</b>',
  );
});

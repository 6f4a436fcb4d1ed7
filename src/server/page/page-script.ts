/**
 * The only script: it asks for the page again and changes what is different, so that focus, selection and scroll stay.
 * Inline, so that the page needs nothing from anywhere; the policy allows just it. Without it the page is whole, only old.
 */
export const SCRIPT = `
'use strict';
{
  const EVERY_MS = 15000;
  const gone = document.getElementById('gone');
  const title = document.title;
  let answeredAt = Date.now();
  let asking = null;

  const units = [['d', 86400], ['h', 3600], ['m', 60], ['s', 1]];
  const duration = (seconds) => {
    const whole = Math.max(0, Math.round(seconds));
    const first = units.findIndex(([, size]) => whole >= size);
    if (first < 0) return '0s';
    let rest = whole;
    return units.slice(first, first + 2).map(([unit, size]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count === 0 ? '' : count + unit;
    }).filter(Boolean).join(' ');
  };
  /** The clock of the reader may be wrong: what counts is how long ago the page was made. */
  let skew = 0;
  const times = () => {
    for (const time of document.querySelectorAll('time')) {
      const at = new Date(time.dateTime);
      const seconds = (Date.now() + skew - at) / 1000;
      const text = 'for' in time.dataset ? duration(seconds) : seconds < 0 ? 'in ' + duration(-seconds) : duration(seconds) + ' ago';
      if (time.textContent !== text) time.firstChild.data = text;
      const exact = ('for' in time.dataset ? 'since ' : '') + at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
      if (time.title !== exact) time.title = exact;
    }
  };

  /** Makes one element like another, and touches nothing that is the same already. */
  const same = (one, other) => one.nodeType === other.nodeType && one.nodeName === other.nodeName
    && (one.dataset?.key ?? '') === (other.dataset?.key ?? '');
  const morph = (one, other) => {
    if (one.nodeType === Node.TEXT_NODE) { if (one.data !== other.data) one.data = other.data; return; }
    if (one.nodeName === 'TIME') { one.dateTime = other.dateTime; return; }
    if (one.matches('form')) return;
    for (const { name, value } of other.attributes) if (one.getAttribute(name) !== value) one.setAttribute(name, value);
    for (const { name } of [...one.attributes]) if (name !== 'open' && !other.hasAttribute(name)) one.removeAttribute(name);
    const keyed = new Map([...one.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));
    let place = one.firstChild;
    for (const wanted of [...other.childNodes]) {
      const known = wanted.dataset?.key ? keyed.get(wanted.dataset.key) : place;
      if (known && same(known, wanted)) {
        if (known === place) place = place.nextSibling;
        else one.insertBefore(known, place);
        morph(known, wanted);
      } else one.insertBefore(document.importNode(wanted, true), place);
    }
    while (place) { const next = place.nextSibling; place.remove(); place = next; }
  };

  const silent = () => {
    gone.hidden = false;
    const text = 'The exporter does not answer. What you see is ' + duration((Date.now() - answeredAt) / 1000) + ' old.';
    if (gone.textContent !== text) gone.textContent = text;
    document.title = 'No answer — ' + title;
  };

  const refresh = async () => {
    asking?.abort();
    const mine = asking = new AbortController();
    const late = setTimeout(() => mine.abort(), EVERY_MS - 1000);
    try {
      const answer = await fetch(location.href, { signal: mine.signal, headers: { accept: 'text/html' } });
      if (!answer.ok) throw new Error(String(answer.status));
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
      if (asking !== mine) return;
      answeredAt = Date.now();
      gone.hidden = true;
      document.title = next.title;
      morph(document.querySelector('main'), next.querySelector('main'));
      morph(document.querySelector('footer'), next.querySelector('footer'));
      agree();
    } catch {
      if (asking === mine) silent();
    } finally {
      clearTimeout(late);
      if (asking === mine) asking = null;
    }
  };
  const agree = () => {
    skew = new Date(document.querySelector('footer time').dateTime) - answeredAt;
    times();
  };

  /** Search as one types; the address keeps it, so that it can be sent to a colleague. */
  const form = document.querySelector('form[role=search]');
  if (form) {
    form.querySelector('button').hidden = true;
    let typed;
    const search = () => {
      const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
      history.replaceState(null, '', query.size > 0 ? '?' + query : location.pathname);
      void refresh();
    };
    form.addEventListener('input', () => { clearTimeout(typed); typed = setTimeout(search, 150); });
    form.addEventListener('submit', (event) => { event.preventDefault(); search(); });
  }
  document.addEventListener('click', async ({ target }) => {
    const button = target.closest('button[data-copy]');
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = 'Copied';
  });

  agree();
  setInterval(times, 1000);
  setInterval(() => { if (!document.hidden) void refresh(); }, EVERY_MS);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) void refresh(); });
}
`;

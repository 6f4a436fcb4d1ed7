/**
 * The only script: it fetches the page again and changes only what differs, so that focus, selection and scroll
 * position stay. Inline, so that the page needs nothing else; the policy allows only this script. Without it the page
 * is complete, but not refreshed.
 */
export const SCRIPT = `
'use strict';
{
  const EVERY_MS = 15000;
  const gone = document.getElementById('gone');
  let title = document.title;
  let answeredAt = Date.now();
  let asking = null;

  /** For ears: a screen reader does not notice what changes where the focus is not. Numbers change always: no news. */
  const say = (text) => { document.getElementById('news').textContent = text; };
  const headlines = () => [...document.querySelectorAll('h1, .causes p:has(strong)')].map((element) => {
    const copy = element.cloneNode(true);
    for (const sign of copy.querySelectorAll('[aria-hidden]')) sign.remove();
    return copy.textContent.replace(/\\s+/g, ' ').trim();
  });
  const gist = () => headlines().join('. ').replace(/[\\d.]+/g, '');
  let told = gist();
  const tellNews = () => {
    if (gist() !== told) say(headlines().slice(0, 2).join('. '));
    told = gist();
  };

  const units = [['d', 86400], ['h', 3600], ['m', 60], ['s', 1]];
  const duration = (seconds) => {
    let rest = Math.max(0, Math.round(seconds));
    const first = units.findIndex(([, size]) => rest >= size);
    const parts = units.slice(first < 0 ? 3 : first).slice(0, 2).map(([unit, size]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count === 0 ? '' : count + unit;
    });
    return parts.filter(Boolean).join(' ') || '0s';
  };
  /** The clock of the reader may be wrong: what counts is how long ago the page was made. */
  let skew = 0;
  const times = () => {
    for (const time of document.querySelectorAll('time')) {
      const at = new Date(time.dateTime);
      const seconds = (Date.now() + skew - at) / 1000;
      const lasts = 'for' in time.dataset;
      const text = lasts ? duration(seconds) : seconds < 0 ? 'in ' + duration(-seconds) : duration(seconds) + ' ago';
      if (time.textContent !== text) time.firstChild.data = text;
      const exact = (lasts ? 'since ' : '') + at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
      if (time.title !== exact) time.title = exact;
    }
  };
  const agree = () => {
    skew = new Date(document.querySelector('footer time').dateTime) - answeredAt;
    times();
  };

  /** What holds the focus or the selection stays where it is, and the rest moves around it: a moved element loses both. */
  let held = [];
  const putAt = (known, place, parent) => {
    if (!held.some((node) => known.contains(node))) { parent.insertBefore(known, place); return place; }
    while (place !== known) { const next = place.nextSibling; parent.append(place); place = next; }
    return known.nextSibling;
  };
  const same = (one, other) => one.nodeName === other.nodeName && (one.dataset?.key ?? '') === (other.dataset?.key ?? '');
  /** Makes one element like another, and touches nothing that is the same already. */
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
        place = known === place ? place.nextSibling : putAt(known, place, one);
        morph(known, wanted);
      } else one.insertBefore(document.importNode(wanted, true), place);
    }
    while (place) { const next = place.nextSibling; place.remove(); place = next; }
  };
  /** A row that moved to another table is a new one: the focus goes to the same link there, or to the fold that hides it. */
  const update = (next) => {
    const focused = document.activeElement;
    const key = focused.closest('[data-key]')?.dataset.key;
    held = [focused, getSelection().anchorNode].filter((node) => node && node !== document.body);
    for (const part of ['main', 'footer']) morph(document.querySelector(part), next.querySelector(part));
    if (key === undefined || focused.isConnected) return;
    const twin = [...document.querySelectorAll('[data-key="' + CSS.escape(key) + '"] a')].find(({ href }) => href === focused.href);
    (twin?.closest('details:not([open])')?.querySelector('summary') ?? twin)?.focus({ preventScroll: true });
  };

  /** Without how long ago that was: a screen reader says this once, not at every attempt. */
  const silent = (status) => {
    gone.hidden = false;
    const what = status === null ? 'does not answer' : 'answers with an error (' + status + ')';
    const text = 'The exporter ' + what + '. What you see is from ' + new Date(answeredAt).toLocaleTimeString() + '.';
    if (gone.textContent !== text) gone.textContent = text;
    document.title = 'No answer — ' + title;
  };
  const refresh = async () => {
    asking?.abort();
    const mine = asking = new AbortController();
    const late = setTimeout(() => mine.abort(), EVERY_MS - 1000);
    let status = null;
    try {
      const answer = await fetch(location.href, { signal: mine.signal, headers: { accept: 'text/html' } });
      if (!answer.ok) { status = answer.status; throw new Error(String(status)); }
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
      if (asking !== mine) return;
      answeredAt = Date.now();
      gone.hidden = true;
      document.title = title = next.title;
      update(next);
      tellNews();
      agree();
    } catch {
      if (asking === mine) silent(status);
    } finally {
      clearTimeout(late);
    }
  };

  /** Search as one types; the address keeps it, so that it can be sent to a colleague. */
  const form = document.querySelector('form[role=search]');
  let typed;
  const search = async () => {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
    history.replaceState(null, '', query.size > 0 ? '?' + query : location.pathname);
    await refresh();
    const rows = document.querySelectorAll('main tbody').length;
    say(rows === 1 ? '1 environment' : rows + ' environments');
  };
  if (form) {
    form.querySelector('button').hidden = true;
    form.addEventListener('input', () => { clearTimeout(typed); typed = setTimeout(search, 150); });
    form.addEventListener('submit', (event) => { event.preventDefault(); void search(); });
  }
  document.addEventListener('click', async ({ target }) => {
    const button = target.closest('button[data-copy]');
    if (!button) return;
    // Browsers give pages without TLS no clipboard: then the command is selected, and a key copies it.
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(button.previousElementSibling);
      button.textContent = 'Selected';
    }
    say(button.textContent);
  });

  agree();
  setInterval(times, 1000);
  setInterval(() => { if (!document.hidden) void refresh(); }, EVERY_MS);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) void refresh(); });
}
`;

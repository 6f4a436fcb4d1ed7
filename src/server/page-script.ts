/**
 * The only script: it fetches the page again and changes only what differs, so that focus and scroll position stay.
 * Inline, so that the page needs nothing else; the policy allows only this script. Without it the page is complete, but
 * not refreshed.
 */
export const SCRIPT = `
'use strict';
{
  const EVERY_MS = 15000;
  const gone = document.getElementById('gone');
  const news = document.getElementById('news');
  let title = document.title;
  let answeredAt = new Date();

  /** Makes one element like another, and touches nothing that is the same already. */
  const morph = (one, other) => {
    if (one.isEqualNode(other)) return;
    if (one.nodeType === Node.TEXT_NODE) { one.data = other.data; return; }
    for (const { name, value } of other.attributes) one.setAttribute(name, value);
    for (const { name } of [...one.attributes]) if (name !== 'open' && !other.hasAttribute(name)) one.removeAttribute(name);
    const keyOf = (node) => node.nodeName + ' ' + (node.dataset?.key ?? '');
    const wantedKeys = new Set([...other.children].map(keyOf));
    for (const child of [...one.children]) if (child.dataset.key && !wantedKeys.has(keyOf(child))) child.remove();
    const keyed = new Map([...one.children].filter((child) => child.dataset.key).map((child) => [keyOf(child), child]));
    let place = one.firstChild;
    for (const wanted of [...other.childNodes]) {
      const known = wanted.dataset?.key ? keyed.get(keyOf(wanted)) : place;
      if (!known || keyOf(known) !== keyOf(wanted)) { one.insertBefore(document.importNode(wanted, true), place); continue; }
      if (known === place) place = place.nextSibling;
      else one.insertBefore(known, place);
      morph(known, wanted);
    }
    while (place) { const next = place.nextSibling; place.remove(); place = next; }
  };
  /** What moved has lost the focus, and a row in another table is a new one: its link, or the fold around it, gets it. */
  const update = (next) => {
    const focused = document.activeElement;
    const key = focused.closest('[data-key]')?.dataset.key;
    for (const part of ['main', 'footer']) morph(document.querySelector(part), next.querySelector(part));
    if (key === undefined || document.activeElement === focused) return;
    const links = document.querySelectorAll('[data-key="' + CSS.escape(key) + '"] a');
    const twin = focused.isConnected ? focused : [...links].find(({ href }) => href === focused.href);
    (twin?.closest('details:not([open])')?.querySelector('summary') ?? twin)?.focus();
  };

  /** Without how long ago that was: a screen reader says this once, not at every attempt. */
  const silent = (what) => {
    gone.hidden = false;
    const text = 'The exporter ' + what + '. What you see is from ' + answeredAt.toLocaleTimeString() + '.';
    if (gone.textContent !== text) gone.textContent = text;
    document.title = 'No answer — ' + title;
  };
  const refresh = async () => {
    try {
      const answer = await fetch(location.href, { signal: AbortSignal.timeout(EVERY_MS - 1000) });
      if (!answer.ok) { silent('answers with an error (' + answer.status + ')'); return; }
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
      answeredAt = new Date();
      gone.hidden = true;
      update(next);
      // For ears: a screen reader does not notice what changes where the focus is not. Numbers change always: no news.
      const gist = (text) => text.replace(/[\\d.]+/g, '');
      if (gist(next.title) !== gist(title)) news.textContent = next.title;
      document.title = title = next.title;
    } catch {
      silent('does not answer');
    }
  };

  setInterval(() => { if (!document.hidden) void refresh(); }, EVERY_MS);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) void refresh(); });
}
`;

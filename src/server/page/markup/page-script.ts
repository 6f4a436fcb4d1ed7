import { MORPH_SCRIPT } from './morph-script.ts';

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

  /** For ears: a screen reader does not notice what changes where the focus is not. */
  const say = (text) => { document.getElementById('news').textContent = text; };
  const heard = (element) => {
    const copy = element.cloneNode(true);
    for (const sign of copy.querySelectorAll('[aria-hidden]')) sign.remove();
    return copy.textContent.replace(/\\s+/g, ' ').trim();
  };
  const headlines = () => [...document.querySelectorAll('h1, .causes p:has(strong)')].map(heard);
  /** Numbers change at every look, and are no news. */
  const gist = (lines) => lines.join('. ').replace(/[\\d.]+/g, '');
  let told = gist(headlines());
  const tellNews = () => {
    const lines = headlines();
    if (gist(lines) === told) return;
    told = gist(lines);
    say(lines.slice(0, 2).join('. '));
  };

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

${MORPH_SCRIPT}
  /**
   * A row that moved to another table is a new one: the focus goes to the same link there, or to the fold that hides
   * it.
   */
  const update = (next) => {
    const focused = document.activeElement;
    const key = focused.closest('[data-key]')?.dataset.key;
    held = [focused, getSelection().anchorNode].filter((node) => node && node !== document.body);
    morph(document.querySelector('main'), next.querySelector('main'));
    morph(document.querySelector('footer'), next.querySelector('footer'));
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
      void refresh().then(() => {
        const rows = document.querySelectorAll('main tbody').length;
        say(rows === 1 ? '1 environment' : rows + ' environments');
      });
    };
    form.addEventListener('input', () => { clearTimeout(typed); typed = setTimeout(search, 150); });
    form.addEventListener('submit', (event) => { event.preventDefault(); search(); });
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

/**
 * Part of the script of the page: `morph(one, other)` makes one element like another in place. What `held` lists keeps the
 * focus and the selection. Replacing the whole would lose both, and the scroll position as well.
 */
export const MORPH_SCRIPT = `  /** Makes one element like another, and touches nothing that is the same already. */
  const same = (one, other) => one.nodeType === other.nodeType && one.nodeName === other.nodeName
    && (one.dataset?.key ?? '') === (other.dataset?.key ?? '');
  /**
   * What holds the focus or the selection stays where it is, and the rest moves around it: a moved element loses both.
   */
  let held = [];
  const isHeld = (element) => held.some((node) => element.contains(node));
  const putAt = (known, place, parent) => {
    if (!isHeld(known)) { parent.insertBefore(known, place); return place; }
    while (place !== known) { const next = place.nextSibling; parent.append(place); place = next; }
    return known.nextSibling;
  };
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
`;

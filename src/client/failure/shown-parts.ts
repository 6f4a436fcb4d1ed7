import { hasKnownKey } from '../../base/key-shape.ts';

/** As many letters and digits of a key in a row are a part of it. In an id made by chance they are not found. */
const PART = 6;

const TYPE = /^[a-z_]{1,64}$/;
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * What of a failed answer is shown beside its status: what has the shape of a name, and holds no part of the key of its
 * request. Nothing else of an answer is quoted, because services echo keys, whole, cut or masked in the middle.
 */
export function shownType(type: string | null, key: string): string | null {
  return type !== null && TYPE.test(type) && !hasPartOf(type, key) ? type : null;
}

/** Ids end up in logs and on pages: the id of an answer as it is, or none. */
export function shownRequestId(id: string | null, key: string): string | null {
  return id !== null && REQUEST_ID.test(id) && !hasPartOf(id, key) ? id : null;
}

/** Where a redirect leads: scheme, host and port only, since a path or query may hold anything. */
export function shownOrigin(location: string | null, key: string): string | null {
  // Relative targets stay on the host and say nothing.
  const target = location === null ? null : URL.parse(location);
  return target !== null && /^https?:$/.test(target.protocol) && !hasPartOf(target.origin, key) ? target.origin : null;
}

/** Whether a text has a part of this key, or a key of a known kind; in any case, and with any punctuation. */
function hasPartOf(text: string, key: string): boolean {
  const letters = lettersOf(text);
  const ofKey = lettersOf(key);
  if (hasKnownKey(text) || (ofKey.length < PART && letters.includes(ofKey))) return true;
  for (let at = 0; at + PART <= letters.length; at++) if (ofKey.includes(letters.slice(at, at + PART))) return true;
  return false;
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

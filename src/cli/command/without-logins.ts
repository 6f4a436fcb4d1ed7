/**
 * The user name and password of an address, unless they only say where to put them. A password may be typed as it is, with
 * slashes, quotes or an `@`, so after a colon everything up to the last `@` of the word counts as one.
 */
const LOGIN = /\/\/(?!USER:PASSWORD@)(?:[^\s/'":]*:\S{0,500}|[^\s/'"]*)@/g;

/** A message without the logins of the addresses that it repeats: messages end up in logs. */
export function withoutLogins(text: string): string {
  return text.replace(LOGIN, '//***@');
}

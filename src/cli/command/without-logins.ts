/** The user name and password of an address, unless they only say where to put them. */
const LOGIN = /\/\/(?!USER:PASSWORD@)[^\s/'"]*@/g;

/** A message without the logins of the addresses that it repeats: messages end up in logs. */
export function withoutLogins(text: string): string {
  return text.replace(LOGIN, '//***@');
}

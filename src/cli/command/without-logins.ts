/**
 * The user name and password of an address, unless they only say where to put them. A password may be typed as it is, with
 * slashes, quotes or an `@`, so after a colon everything up to the last `@` of the word counts as one.
 */
const LOGIN = /\/\/(?!USER:PASSWORD@)(?:[^\s/'":]*:\S{0,500}|[^\s/'"]*)@/g;

/**
 * A message without the logins of the addresses that it repeats: messages end up in logs.
 *
 * @param args the arguments of the command: a password in one of them may have spaces, too
 */
export function withoutLogins(text: string, args: readonly string[]): string {
  let masked = text;
  for (const part of partsOfLogins(args)) {
    // Only as a word by itself: a short one stands in others.
    masked = masked.replaceAll(part, (found, at: number, whole: string) => {
      const around = `${whole[at - 1] ?? ' '}${whole[at + found.length] ?? ' '}`;
      return /[\w-]/.test(around) ? found : '***';
    });
  }
  return masked.replace(LOGIN, '//***@');
}

/** What an error may repeat of the logins in these arguments. The longest first, since one may be in another. */
function partsOfLogins(args: readonly string[]): readonly string[] {
  const parts = args.flatMap((arg, index) => {
    const begin = arg.indexOf('//');
    if (begin === -1) return [];
    const address = arg.slice(begin + 2);
    if (!address.includes('@')) return cutUp(address, args.slice(index + 1));
    return /^[^/]*[:@]/.test(address) ? [beforeAt(address)] : [];
  });
  const typed = parts.filter((part) => part !== '' && part !== 'USER:PASSWORD');
  return typed.toSorted((a, b) => b.length - a.length);
}

/** The shell cuts up an address that is typed without quotation marks: then the rest of it follows, up to its `@`. */
function cutUp(beginning: string, following: readonly string[]): readonly string[] {
  const end = following.findIndex((word) => word.includes('@'));
  const rest = following.slice(0, end + 1);
  if (!/^[^/]*:/.test(beginning) || rest.some((word) => word.startsWith('--'))) return [];
  return end === -1 ? [] : [beginning, ...rest.slice(0, -1), beforeAt(rest.at(-1)!)];
}

function beforeAt(text: string): string {
  return text.slice(0, text.lastIndexOf('@'));
}

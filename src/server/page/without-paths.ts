/** A page may be open to many: which key it is says the option, and where its file lies says the log. */
export function withoutPaths(text: string): string {
  return text.replaceAll(/\bfile (?:\/|[A-Za-z]:\\)[^\s,;]*[^\s,;.]/g, 'its file');
}

/** Many people may see the pages and the JSON: the option names the key, and only the log names its file. */
export function withoutPaths(text: string): string {
  return text.replaceAll(/\bfile (?:\/|[A-Za-z]:\\)[^\s,;]*[^\s,;.]/g, 'its file');
}

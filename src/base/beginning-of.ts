/** The first characters of a text as a text of its own: a slice would keep all of the text in memory, which may be a megabyte. */
export function beginningOf(text: string, most: number): string {
  return text.length <= most ? text : Buffer.from(text.slice(0, most), 'utf16le').toString('utf16le');
}

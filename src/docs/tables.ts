/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A page with its generated parts, by name, in place of what stood between their marks. Throws when a mark is missing. */
export function filled(page: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [name, part]) => {
    const begin = `<!-- generated: ${name} -->\n`;
    const end = '\n<!-- end -->';
    const from = text.indexOf(begin);
    const to = text.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`the page has no place for its generated part ${name}`);
    return `${text.slice(0, from)}${begin}\n${part}\n${text.slice(to)}`;
  }, page);
}

/** A line of the log, JSON, as text for a person: time of day, level, message, and a line for each field. */
export function logText(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const at = new Date(String(time));
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const rest = Object.entries(fields).map(([key, value]) => `    ${printable(`${key}: ${JSON.stringify(value)}`)}\n`);
  return `[${clock}] ${String(level).toUpperCase()}: ${printable(String(msg))}\n${rest.join('')}`;
}

/** On a terminal, a control character could move the cursor or change colours. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?');
}

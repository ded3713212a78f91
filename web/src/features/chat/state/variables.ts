/** Values of variables as they are shown and typed. */

export function asText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What was typed: a number, a list and the like stay what they were; all else is a text, as macros put it down. */
export function asValue(text: string, before: unknown): unknown {
  if (before === undefined || before === null || typeof before === 'string') return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** The words that every reply begins with, where somebody would rather not see them. */

export interface Beginning {
  words: string
  shown: boolean
}

/** The text without its beginning; whole where that is to be seen, or where it begins otherwise. */
export function withoutBeginning(text: string, beginning: Beginning, names: { user: string; char: string }): string {
  if (beginning.shown || !beginning.words.trim()) return text
  const words = beginning.words.replace(/\{\{\s*(user|char)\s*\}\}/gi, (_, which: string) => names[which.toLowerCase() as 'user' | 'char'])
  return text.startsWith(words) ? text.slice(words.length) : text
}

/** Keys as people type them: words with commas between them; a pattern between slashes may hold commas itself. */
const PATTERN = /^\s*(\/(?:[^/\\\n]|\\.)+\/[a-z]*)\s*(?:[,，]|$)/

export function keysIn(text: string): string[] {
  const keys: string[] = []
  let rest = text
  while (rest.trim()) {
    const pattern = PATTERN.exec(rest)
    if (pattern) {
      keys.push(pattern[1]!)
      rest = rest.slice(pattern[0].length)
      continue
    }
    const end = /[,，\n]/.exec(rest)
    const key = (end ? rest.slice(0, end.index) : rest).trim()
    if (key) keys.push(key)
    rest = end ? rest.slice(end.index + 1) : ''
  }
  return keys
}

/** Whether what is typed so far is a pattern that has not ended: a comma belongs to it. */
export function insidePattern(text: string): boolean {
  return /^\s*\//.test(text) && !/^\s*\/(?:[^/\\\n]|\\.)+\/[a-z]*\s*$/.test(text)
}

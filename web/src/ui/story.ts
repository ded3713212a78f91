/** Splits story text into paragraphs of speech, action and plain pieces. */

export interface Piece {
  kind: 'plain' | 'speech' | 'action'
  text: string
}

const PIECES = /("[^"\n]+"|“[^”\n]+”|「[^」\n]+」|『[^』\n]+』)|\*{1,3}([^*\n]+)\*{1,3}/g

export function paragraphsOf(text: string, names?: { char: string; user: string }): Piece[][] {
  return named(text, names)
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trim())
    .filter(Boolean)
    .map(piecesOf)
}

/** The two macros every card uses; the prompt knows more. */
export function named(text: string, names?: { char: string; user: string }): string {
  if (!names) return text
  return text.replace(/\{\{char\}\}|<BOT>/gi, names.char).replace(/\{\{user\}\}|<USER>/gi, names.user)
}

function piecesOf(paragraph: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const match of paragraph.matchAll(PIECES)) {
    if (match.index > from) pieces.push({ kind: 'plain', text: paragraph.slice(from, match.index) })
    pieces.push(match[1] ? { kind: 'speech', text: match[1] } : { kind: 'action', text: match[2] ?? '' })
    from = match.index + match[0].length
  }
  if (from < paragraph.length) pieces.push({ kind: 'plain', text: paragraph.slice(from) })
  return pieces
}

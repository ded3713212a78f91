/** A text taken apart at the places where a pattern was found. The server counts code points, as Python does. */

export interface Part {
  text: string
  hit: boolean
}

export function marked(text: string, found: readonly { start: number; end: number }[]): Part[] {
  const letters = [...text]
  const parts: Part[] = []
  let place = 0
  for (const { start, end } of found) {
    if (start > place) parts.push({ text: letters.slice(place, start).join(''), hit: false })
    if (end > start) parts.push({ text: letters.slice(start, end).join(''), hit: true })
    place = Math.max(place, end)
  }
  if (place < letters.length) parts.push({ text: letters.slice(place).join(''), hit: false })
  return parts
}

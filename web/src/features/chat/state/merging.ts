/** Two versions of a text that came from one: what differs, and both made into one. Pure, by words. */

/** A stretch of the older text, and what stands in its place. */
interface Change {
  from: number
  to: number
  words: string[]
}

/** Beyond this a comparison of word with word takes too long: the texts differ as a whole. */
const CELLS_MOST = 2_000_000

/** `text` in words, signs and spaces; joined they are the text again. */
function wordsOf(text: string): string[] {
  return text.match(/\p{Script=Han}|[\p{L}\p{N}'’]+|\s+|[^\p{L}\p{N}\s]/gu) ?? []
}

/** The parts of `text`, and which of them are not in `other`. */
export function marked(text: string, other: string): { text: string; fresh: boolean }[] {
  const words = wordsOf(text)
  const parts: { text: string; fresh: boolean }[] = []
  const add = (some: string[], fresh: boolean) => some.length > 0 && parts.push({ text: some.join(''), fresh })
  let at = 0
  const others = wordsOf(other)
  let gap = 0
  for (const { from, to, words: fresh } of changesOf(others, words)) {
    const same = from - gap
    add(words.slice(at, at + same), false)
    at += same
    add(fresh, true)
    at += fresh.length
    gap = to
  }
  add(words.slice(at), false)
  return parts
}

/**
 * Both versions in one text: what only one changed, as that one has it. Where both changed the same words, both stand there,
 * `yours` first.
 */
export function merged(original: string, yours: string, theirs: string): string {
  const base = wordsOf(original)
  const [mine, other] = [changesOf(base, wordsOf(yours)), changesOf(base, wordsOf(theirs))]
  const out: string[] = []
  let at = 0
  while (mine.length > 0 || other.length > 0) {
    const from = Math.min(mine[0]?.from ?? Infinity, other[0]?.from ?? Infinity)
    const taken: [Change[], Change[]] = [[], []]
    let to = from
    // Changes that touch each other are one place.
    for (let more = true; more;) {
      more = false
      for (const [index, changes] of [mine, other].entries()) {
        while (changes[0] && (changes[0].from < to || changes[0].from === from)) {
          const change = changes.shift()!
          to = Math.max(to, change.to)
          taken[index]!.push(change)
          more = true
        }
      }
    }
    out.push(...base.slice(at, from), both(base, from, to, taken))
    at = to
  }
  return [...out, ...base.slice(at)].join('')
}

/** What stands in place of the base's words from `from` to `to`. */
function both(base: string[], from: number, to: number, [mine, other]: [Change[], Change[]]): string {
  const applied = (changes: Change[]) => {
    const words: string[] = []
    let at = from
    for (const change of changes) {
      words.push(...base.slice(at, change.from), ...change.words)
      at = change.to
    }
    return [...words, ...base.slice(at, to)].join('')
  }
  if (other.length === 0) return applied(mine)
  if (mine.length === 0) return applied(other)
  const [one, two] = [applied(mine), applied(other)]
  if (one === two || two.trim() === '') return one
  if (one.trim() === '') return two
  return /\s$/.test(one) || /^\s/.test(two) || /\p{Script=Han}$/u.test(one) ? one + two : `${one} ${two}`
}

/** How `words` came from `base`, in order. */
function changesOf(base: string[], words: string[]): Change[] {
  let head = 0
  while (head < base.length && head < words.length && base[head] === words[head]) head++
  let tail = 0
  const room = Math.min(base.length, words.length) - head
  while (tail < room && base[base.length - 1 - tail] === words[words.length - 1 - tail]) tail++
  const [old, fresh] = [base.slice(head, base.length - tail), words.slice(head, words.length - tail)]
  if (old.length === 0 && fresh.length === 0) return []
  if (old.length * fresh.length > CELLS_MOST) return [{ from: head, to: head + old.length, words: fresh }]
  return walked(old, fresh).map((one) => ({ ...one, from: one.from + head, to: one.to + head }))
}

/** By the longest common sequence of words. */
function walked(old: string[], fresh: string[]): Change[] {
  const width = fresh.length + 1
  const lengths = new Uint16Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = fresh.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        old[i] === fresh[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
    }
  }
  const changes: Change[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      i++
      j++
      continue
    }
    const last = changes.at(-1)
    const change = last && last.to === i ? last : { from: i, to: i, words: [] }
    if (change !== last) changes.push(change)
    if (j >= fresh.length || (i < old.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)) change.to = ++i
    else change.words.push(fresh[j++]!)
  }
  return changes
}

/**
 * Where a text in Markdown can be cut so that its parts, drawn one by one, look as the whole does. Pure.
 *
 * Between blocks: behind an empty line that no code fence, list or open element of HTML encloses. Within a long block that
 * is still being written: between the items of a list, or between two sentences when nothing is open there.
 */

/** A cut at `at`: what lies before is finished. `by`: how the rest goes on in the block that was cut. */
export interface Cut {
  at: number
  by: 'space' | 'line' | 'nothing' | 'item'
}

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/
const ITEM = /^(?:[-*+]|\d{1,9}[.)])(?:\s|$)/
/** A line that may become an item with its next letter. */
const ITEM_PERHAPS = /^(?:[-*+]|\d{1,9}[.)]?)$/
const RAW = /<(?:!--|!\[|\?|pre|script|style|textarea)/i
const TAG = /<(\/?)([a-z][\w-]*)[^<>]*?(\/?)>/gi
const VOID = /^(?:br|hr|img|wbr|input|meta|link|source|area|base|col|embed|track)$/i
/** A shorter block is drawn anew as a whole. */
export const CUT_LEAST = 300

/** The text in blocks; joined they are the text again. */
export function blocksOf(text: string): string[] {
  const seams = [...seamsOf(text), text.length]
  return seams.map((seam, index) => text.slice(index === 0 ? 0 : seams[index - 1], seam)).filter((block) => block !== '')
}

/** Where the last block begins. */
export function seamOf(text: string): number {
  let last = 0
  for (const seam of seamsOf(text)) last = seam
  return last
}

/** The marks of the code fence that the text begins with and does not close; null when there is none. */
export function fenceOf(text: string): string | null {
  const lines = text.split('\n')
  const fence = lines.length > 1 ? openedBy(lines[0]!) : null
  return fence !== null && !lines.slice(1).some((line) => closes(line, fence)) ? fence : null
}

function* seamsOf(text: string): Generator<number> {
  let at = 0
  let begin = 0
  let fence: string | null = null
  let empty = false
  let first: string | null = null
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    const blank = line.trim() === ''
    if (fence === null && !blank && empty && first !== null) {
      const complete = index < lines.length - 1
      if (isApart(first, line, complete) && isClosed(text.slice(begin, at))) {
        yield at
        begin = at
        first = null
      }
    }
    if (fence === null) fence = openedBy(line)
    else if (closes(line, fence)) fence = null
    if (!blank) first ??= line
    empty = blank && fence === null
    at += line.length + 1
  }
}

/** Whether a line behind an empty one begins a block of its own. */
function isApart(first: string, line: string, complete: boolean): boolean {
  if (/^\s/.test(line)) return false
  if (!ITEM.test(first)) return true
  return !ITEM.test(line) && (complete || !ITEM_PERHAPS.test(line))
}

/** Whether all HTML that a block opens is closed in it. */
function isClosed(block: string): boolean {
  if (!block.includes('<')) return true
  if (RAW.test(block)) return false
  let depth = 0
  for (const [, slash, name, itself] of block.matchAll(TAG)) {
    if (!itself && !VOID.test(name!)) depth += slash ? -1 : 1
  }
  return depth === 0
}

function openedBy(line: string): string | null {
  const [, marks, rest] = FENCE.exec(line) ?? []
  return marks && !(marks.startsWith('`') && rest!.includes('`')) ? marks : null
}

/** Whether a line closes a code fence of these marks. */
export function closes(line: string, fence: string): boolean {
  const [, marks, rest] = FENCE.exec(line) ?? []
  return marks !== undefined && marks[0] === fence[0] && marks.length >= fence.length && rest!.trim() === ''
}

// --- within a long block that is being written

/** The last place where a long block can be cut, if there is one. */
export function cutOf(block: string): Cut | null {
  if (block.length < CUT_LEAST) return null
  if (ITEM.test(block)) return cutOfList(block)
  return cutOfParagraph(block)
}

function cutOfList(block: string): Cut | null {
  const at = block.lastIndexOf('\n') + 1
  const lines = block.slice(0, at).split('\n').slice(0, -1)
  const bullet = kindOf(lines[0] ?? '')
  // Items of one kind, a line each: whatever else stands in a list is drawn with it.
  if (at === 0 || !ITEM.test(block.slice(at)) || kindOf(block.slice(at)) !== bullet) return null
  return lines.every((line) => ITEM.test(line) && kindOf(line) === bullet) ? { at, by: 'item' } : null
}

const kindOf = (line: string) => (/^\d/.test(line) ? line.replace(/^\d+/, '')[0] : line[0])

/** What may mean more than itself at a line's beginning, or reaches over sentences. */
const NO_PARAGRAPH = /(?:^|\n)(?:\s|[-+>#=|]|\*\s|\d{1,9}[.)]|```|~~~|_{3}|\*{3})|[<>[\]|\\&‘]|\S:\/\/\S*$/
/** The end of a sentence, and a beginning that means nothing but itself. */
const SENTENCE = /(?:[.!?…]["”»’)*_]*( |\n)|([。！？…][”」』»*_]*))(?=[\p{L}“"「『«„]|[*_]{1,2}[\p{L}“"])/gu

function cutOfParagraph(block: string): Cut | null {
  if (NO_PARAGRAPH.test(block)) return null
  let found: Cut | null = null
  for (const match of block.matchAll(SENTENCE)) {
    const at = match.index + match[0].length
    if (!isSettled(block.slice(0, at))) continue
    found = { at, by: match[1] === ' ' ? 'space' : match[1] === '\n' ? 'line' : 'nothing' }
  }
  return found
}

/** Whether everything that a text opens is closed in it. */
function isSettled(text: string): boolean {
  const count = (mark: RegExp) => text.match(mark)?.length ?? 0
  return (
    [/\*/g, /_/g, /`/g, /~/g, /"/g].every((mark) => count(mark) % 2 === 0) &&
    count(/[“„]/g) === count(/”/g) && count(/「/g) === count(/」/g) &&
    count(/『/g) === count(/』/g) && count(/«/g) === count(/»/g)
  )
}

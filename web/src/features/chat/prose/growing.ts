/**
 * A text that grows, as nodes in an element. Finished blocks are made once and never touched again; of the open block,
 * plain words are appended to its last text node, and only a mark of Markdown draws anew what is still open of it. So the
 * work for a delta does not grow with the text.
 */
import { closes, cutOf, fenceOf, seamOf, type Cut } from './blocks'
import { NEXT_WORD, openProse, prose } from './markdown'
import type { Allowed } from './sanitize'

/** Anything that may mean more than itself. */
const MARKED = /[*_`~"“”„‘’«»「」『』＂[\]()<>#|\\!&\n:]/
/** What may become the end of a code fence: it waits for its next letter. */
const FENCE_PERHAPS = /(?<=^|\n) {0,3}(?:`{1,2}|~{1,2})$/

export class GrowingProse {
  /** How often something was drawn, of how many letters, and how often words were merely appended: what tests count. */
  drawn = 0
  drawnLetters = 0
  appended = 0
  /** What is not finished yet, and the nodes it is drawn in. */
  private open = ''
  private openNodes: ChildNode[] = []
  /** How the open text goes on in the block before it, which was cut. */
  private cut: Cut['by'] | null = null
  /** Where the next word goes: inside an emphasis or a speech that is open, behind one that is closed. */
  private home: Text | null = null
  /** The code that is being written: the marks of its fence, its text, and up to where it is drawn. */
  private code: { fence: string; text: Text; upto: number } | null = null

  constructor(
    private readonly element: HTMLElement,
    private readonly allowed: Allowed,
  ) {}

  reset(text: string): void {
    this.element.replaceChildren()
    this.open = ''
    this.home = this.code = this.cut = null
    this.openNodes = []
    this.append(text)
  }

  append(text: string): void {
    if (text === '') return
    if (this.appendCode(text)) return
    if (this.open !== '' && !MARKED.test(text) && this.appendPlain(text)) return
    this.open += text
    this.close()
    this.draw()
  }

  private appendPlain(text: string): boolean {
    // What a mark at the end means is known with the next letter.
    if (!this.home || MARKED.test(this.open.slice(-1))) return false
    // A line may begin with what means more at its beginning: a list, a heading, a rule; an address may go on.
    if (/(^|\n)[\s>#\-+=\d.]*$|:\/\/\S*$/.test(this.open)) return false
    this.open += text
    this.home.appendData(text)
    this.appended += 1
    return true
  }

  /** Code means nothing but itself, until its fence is closed. */
  private appendCode(text: string): boolean {
    const { code } = this
    if (!code) return false
    const line = this.open.slice(this.open.lastIndexOf('\n') + 1)
    if ((line + text).split('\n').some((one) => closes(one, code.fence))) return false
    this.open += text
    const held = FENCE_PERHAPS.exec(line + text)?.[0].length ?? 0
    code.text.appendData(this.open.slice(code.upto, this.open.length - held))
    code.upto = this.open.length - held
    this.appended += 1
    return true
  }

  /** Moves what is finished out of the open text: whole blocks, and of a long one what can be cut off. */
  private close(): void {
    const seam = seamOf(this.open)
    if (seam > 0) this.finish(seam, null)
    const cut = cutOf(this.open)
    if (cut) this.finish(cut.at, cut.by)
  }

  private finish(at: number, by: Cut['by'] | null): void {
    const finished = this.open.slice(0, at)
    this.clearOpen()
    this.join(prose(finished, this.allowed))
    this.count(finished)
    this.open = this.open.slice(at)
    this.cut = by
  }

  private draw(): void {
    this.clearOpen()
    // Behind a line's end a paragraph may begin, or not: it is drawn with its first letter.
    const known = fenceOf(this.open) ? this.open : this.open.replace(/\n\s*$/, '')
    const fragment = openProse(known, this.allowed)
    this.home = homeIn(fragment)
    this.code = this.codeIn(fragment)
    this.openNodes = this.join(fragment)
    this.count(this.open)
  }

  /** The code at the end that is still being written. */
  private codeIn(fragment: DocumentFragment): typeof this.code {
    const fence = fenceOf(this.open)
    const text = fence && fragment.lastElementChild?.querySelector('code')?.lastChild
    if (!fence || !(text instanceof Text)) return null
    // Markdown puts a line end behind it.
    if (text.data.endsWith('\n')) text.deleteData(text.length - 1, 1)
    return { fence, text, upto: this.open.length }
  }

  /** Puts nodes behind those that are there, into the block that was cut if there is one; what was put. */
  private join(fragment: DocumentFragment): ChildNode[] {
    const put: ChildNode[] = []
    const last = this.element.lastElementChild
    const first = fragment.firstElementChild
    if (this.cut && last && first && last.tagName === first.tagName) {
      put.push(...glue(this.cut), ...first.childNodes)
      if (this.cut !== 'item') trimEnd(last)
      last.append(...put)
      first.remove()
    }
    put.push(...fragment.childNodes)
    this.element.append(fragment)
    return put
  }

  private count(text: string): void {
    this.drawn += 1
    this.drawnLetters += text.length
  }

  private clearOpen(): void {
    for (const node of this.openNodes) node.remove()
    this.openNodes = []
  }
}

function glue(by: Cut['by']): ChildNode[] {
  if (by === 'space') return [document.createTextNode(' ')]
  if (by === 'line') return [document.createElement('br'), document.createTextNode('\n')]
  return []
}

/** Takes the line end away that stands behind a block which goes on. */
function trimEnd(element: Element): void {
  const behind = element.nextSibling
  if (behind instanceof Text && behind.data.trim() === '') behind.remove()
}

/** The text node that the next word goes to, freed from the sign that stood there. */
function homeIn(fragment: DocumentFragment): Text | null {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
    const at = node.data.indexOf(NEXT_WORD)
    if (at === -1) continue
    const from = node.data[at - 1] === ' ' ? at - 1 : at
    node.deleteData(from, at + 1 - from)
    return node
  }
  return null
}

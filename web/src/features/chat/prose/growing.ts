/**
 * A text that grows, as nodes in an element. Finished blocks are made once and never touched again; of the open block,
 * plain words are appended to its last text node, and only a mark of Markdown draws that block anew.
 */
import { NEXT_WORD, prose } from './markdown'
import type { Allowed } from './sanitize'

/** Anything that may mean more than itself. */
const MARKED = /[*_`~"“”„‘’«»「」『』＂[\]()<>#|\\!&\n:]/
const FENCE = /^ {0,3}(```|~~~)/

export class GrowingProse {
  /** How often a block was drawn, and how often words were merely appended: what the tests count. */
  drawn = 0
  appended = 0
  private open = ''
  private openNodes: ChildNode[] = []
  /** Where the next word goes: inside an emphasis or a speech that is open, behind one that is closed. */
  private home: Text | null = null

  constructor(
    private readonly element: HTMLElement,
    private readonly allowed: Allowed,
  ) {}

  reset(text: string): void {
    this.element.replaceChildren()
    this.open = ''
    this.home = null
    this.openNodes = []
    this.append(text)
  }

  append(text: string): void {
    if (text === '') return
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

  /** Moves what is finished out of the open block. */
  private close(): void {
    const seam = seamOf(this.open)
    if (seam === 0) return
    const finished = this.open.slice(0, seam)
    this.clearOpen()
    this.element.append(prose(finished, this.allowed))
    this.drawn += 1
    this.open = this.open.slice(seam)
  }

  private draw(): void {
    this.clearOpen()
    const fragment = prose(this.open, this.allowed, true)
    this.home = homeIn(fragment)
    this.openNodes = [...fragment.childNodes]
    this.element.append(fragment)
    this.drawn += 1
  }

  private clearOpen(): void {
    for (const node of this.openNodes) node.remove()
    this.openNodes = []
  }
}

/** Where the open block begins: behind the last empty line that no code fence encloses. */
export function seamOf(text: string): number {
  let seam = 0
  let fence: string | null = null
  let at = 0
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    const mark = FENCE.exec(line)?.[1]
    if (mark && fence === null) fence = mark
    else if (mark && mark === fence) fence = null
    at += line.length + 1
    const complete = index < lines.length - 1
    if (complete && fence === null && line.trim() === '' && index > 0) seam = at
  }
  return Math.min(seam, text.length)
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

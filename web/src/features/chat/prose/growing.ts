/**
 * A text that grows, as nodes in an element. Finished blocks are made once and never touched again; of the open block,
 * plain words are appended to its last text node, and only a mark of Markdown draws that block anew.
 */
import { prose } from './markdown'
import type { Allowed } from './sanitize'

/** Anything that may mean more than itself. */
const MARKED = /[*_`~"“”„«»「」『』＂[\]()<>#|\\!&\n:]/
const FENCE = /^ {0,3}(```|~~~)/

export class GrowingProse {
  /** How often a block was drawn, and how often words were merely appended: what the tests count. */
  drawn = 0
  appended = 0
  private open = ''
  private openNodes: ChildNode[] = []
  /** White space at the end of the open block: Markdown drops it, the next word needs it. */
  private space = ''

  constructor(
    private readonly element: HTMLElement,
    private readonly allowed: Allowed,
  ) {}

  reset(text: string): void {
    this.element.replaceChildren()
    this.open = this.space = ''
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
    const node = lastText(this.openNodes)
    // A line may begin with what means more at its beginning: a list, a heading, a rule.
    if (!node || /(^|\n)[\s>#\-+=\d.]*$/.test(this.open)) return false
    this.open += text
    const [, words, space] = /^([^]*?)(\s*)$/.exec(this.space + text)!
    if (words) node.appendData(words)
    this.space = space ?? ''
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
    this.openNodes = [...fragment.childNodes]
    this.element.append(fragment)
    this.space = /\s*$/.exec(this.open)![0]
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

function lastText(nodes: ArrayLike<ChildNode>): Text | null {
  let last = lastInk(nodes)
  while (last && last.nodeType === Node.ELEMENT_NODE && last.childNodes.length) last = lastInk(last.childNodes)
  return last && last.nodeType === Node.TEXT_NODE ? (last as Text) : null
}

/** The last node that is not a bare line end between blocks. */
function lastInk(nodes: ArrayLike<ChildNode>): ChildNode | null {
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index]!
    if (node.nodeType !== Node.TEXT_NODE || !/^\n*$/.test(node.textContent ?? '')) return node
  }
  return null
}

/**
 * One reply, put together from numbered pieces: in order, each once, whatever way they come.
 *
 * Pieces are numbered from 1 without holes within an epoch; a frame may carry several (`n: [from, to]`). What came
 * before is dropped, what overlaps is cut where we know the seam, what lies ahead is held. A higher epoch starts anew.
 * The class does no input, no output and looks at no clock.
 */

import { sha256 } from './digest'
import type { EndFrame, PieceFrame, SnapshotFrame } from './frames'

/** What a frame did to the reply. */
export interface Outcome {
  /** Text and reasoning that were appended; empty when nothing was. */
  text: string
  reasoning: string
  /** The reply was not extended but set anew (a higher epoch, or a snapshot that does not begin with what we had). */
  replaced: boolean
  /** Pieces are missing between what we have and what we hold. */
  hole: boolean
  /** The reply is complete, and how. */
  ended: Ended | null
}

/** `verified`: our text is the stored one, byte for byte. Otherwise the message must be fetched. */
export interface Ended {
  frame: EndFrame
  verified: boolean
}

interface Seam {
  text: number
  reasoning: number
}

interface SnapshotParts {
  epoch: number
  upto: number
  parts: (SnapshotFrame | undefined)[]
}

/** Seams far behind the end cannot be asked for by an overlap any more. */
const SEAMS_KEPT = 512
const LONE_ENDS_MOST = 2

export class ReplyAssembler {
  epoch = 0
  text = ''
  reasoning = ''
  /** Number of the last piece we have. */
  upto = 0
  ended: Ended | null = null

  private held: PieceFrame[] = []
  private seams = new Map<number, Seam>([[0, { text: 0, reasoning: 0 }]])
  private snapshot: SnapshotParts | null = null
  private end: EndFrame | null = null
  /** `upto` when pieces were asked for although the end was known, and how often only the end came back. */
  private askedAt: number | null = null
  private loneEnds = 0

  /** `base` is the text a `continue` goes on from: the stored text is base + reply. Null when it is not known. */
  constructor(public base: string | null = '') {}

  get hasHole(): boolean {
    return this.ended === null && (this.held.length > 0 || (this.end !== null && this.end.seq > this.upto))
  }

  /** A `start` was seen. */
  begin(epoch: number): Outcome {
    const replaced = this.enter(epoch)
    return this.outcome('', '', replaced)
  }

  /** `epoch` is that of the `start` or `snapshot` which gave the piece's handle. */
  add(epoch: number, piece: PieceFrame): Outcome {
    if (epoch < this.epoch || this.ended) return this.outcome('', '', false)
    const replaced = this.enter(epoch)
    if (piece.n[1] > this.upto) this.hold(piece)
    const before = { text: this.text.length, reasoning: this.reasoning.length }
    this.drain()
    return this.since(before, replaced)
  }

  addSnapshot(part: SnapshotFrame): Outcome {
    if (part.epoch < this.epoch || this.ended) return this.outcome('', '', false)
    const replaced = this.enter(part.epoch)
    const whole = this.collect(part)
    if (!whole || part.upto < this.upto) return this.outcome('', '', replaced)
    const before = { text: this.text.length, reasoning: this.reasoning.length }
    const extends_ = whole.text.startsWith(this.text) && whole.reasoning.startsWith(this.reasoning)
    this.text = whole.text
    this.reasoning = whole.reasoning
    this.upto = part.upto
    this.seams = new Map([[part.upto, { text: whole.text.length, reasoning: whole.reasoning.length }]])
    this.drain()
    if (extends_) return this.since(before, replaced)
    return this.outcome(this.text, this.reasoning, true)
  }

  finish(end: EndFrame): Outcome {
    if (end.epoch < this.epoch || this.ended) return this.outcome('', '', false)
    const replaced = this.enter(end.epoch)
    if (end.seq > this.upto && this.askedAt === this.upto) this.loneEnds += 1
    else this.loneEnds = 0
    this.askedAt = null
    if (this.loneEnds >= LONE_ENDS_MOST) {
      // Asked and got nothing but the end: the log has aged out, only the stored message knows.
      this.ended = { frame: end, verified: false }
    } else {
      this.end = end
      this.settle()
    }
    return this.outcome('', '', replaced)
  }

  /** The reply ended, and there is nothing to check what we have by: the message must be fetched. */
  conclude(end: EndFrame): Outcome {
    if (end.epoch < this.epoch || this.ended) return this.outcome('', '', false)
    const replaced = this.enter(end.epoch)
    this.ended = { frame: end, verified: false }
    this.held = []
    return this.outcome('', '', replaced)
  }

  /** The pieces after `upto` are being asked for. */
  asked(): void {
    this.askedAt = this.end === null ? null : this.upto
  }

  private enter(epoch: number): boolean {
    if (epoch <= this.epoch) return false
    const hadText = this.text !== '' || this.reasoning !== ''
    this.epoch = epoch
    this.text = this.reasoning = ''
    this.upto = 0
    this.held = []
    this.seams = new Map([[0, { text: 0, reasoning: 0 }]])
    this.snapshot = this.end = this.askedAt = null
    this.loneEnds = 0
    return hadText
  }

  private hold(piece: PieceFrame): void {
    const twin = this.held.findIndex((other) => other.n[0] === piece.n[0] && other.n[1] === piece.n[1])
    if (twin === -1) this.held.push(piece)
  }

  private drain(): void {
    for (let piece = this.takeNext(); piece; piece = this.takeNext()) {
      const seam = this.seams.get(piece.n[0] - 1)!
      this.text += piece.x.slice(this.text.length - seam.text)
      this.reasoning += piece.r.slice(this.reasoning.length - seam.reasoning)
      this.upto = piece.n[1]
      this.remember()
      this.held = this.held.filter((other) => other.n[1] > this.upto)
    }
    this.settle()
  }

  /** The held piece that continues what we have: one that begins at a seam we know. The shortest first keeps most seams. */
  private takeNext(): PieceFrame | null {
    this.held = this.held.filter((piece) => piece.n[1] > this.upto)
    let best: PieceFrame | null = null
    for (const piece of this.held) {
      if (piece.n[0] > this.upto + 1 || !this.seams.has(piece.n[0] - 1)) continue
      if (best === null || piece.n[1] < best.n[1]) best = piece
    }
    return best
  }

  private remember(): void {
    this.seams.set(this.upto, { text: this.text.length, reasoning: this.reasoning.length })
    if (this.seams.size > SEAMS_KEPT) this.seams.delete(this.seams.keys().next().value!)
  }

  private collect(part: SnapshotFrame): { text: string; reasoning: string } | null {
    const known = this.snapshot
    if (!known || known.epoch !== part.epoch || known.upto !== part.upto || known.parts.length !== part.parts) {
      this.snapshot = { epoch: part.epoch, upto: part.upto, parts: new Array<undefined>(part.parts).fill(undefined) }
    }
    const parts = this.snapshot!.parts
    parts[part.part - 1] = part
    if (parts.some((one) => one === undefined)) return null
    this.snapshot = null
    return {
      text: parts.map((one) => one!.text).join(''),
      reasoning: parts.map((one) => one!.reasoning).join(''),
    }
  }

  private settle(): void {
    const end = this.end
    if (!end || this.ended || this.upto < end.seq) return
    const stored = this.base === null ? null : this.base + this.text
    this.ended = { frame: end, verified: stored !== null && sha256(stored) === end.sha256 }
    this.held = []
  }

  private since(before: Seam, replaced: boolean): Outcome {
    if (replaced) return this.outcome(this.text, this.reasoning, true)
    return this.outcome(this.text.slice(before.text), this.reasoning.slice(before.reasoning), false)
  }

  private outcome(text: string, reasoning: string, replaced: boolean): Outcome {
    return { text, reasoning, replaced, hole: this.hasHole, ended: this.ended }
  }
}

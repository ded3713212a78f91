/**
 * How much of a growing text to show at a moment: smooth between the frames of the socket, whatever their rhythm.
 *
 * Frames come every tenth of a second at a reply's beginning and ever more seldom further on. The pen learns how far apart
 * they are and writes just so fast that it is done with one when the next is due. When the reply has ended, what is left is
 * written within 300 ms. Pure: time and text go in, the text to draw comes out. With reduced motion everything is drawn at once.
 */

/** What is left at the end is written within this. */
export const DRAIN_MS = 300
/** How far apart frames are thought to be before two have come. */
export const BEAT_FIRST_MS = 100
/** Never further behind than this, however seldom they come. */
export const BEAT_MOST_MS = 1_000
/** What comes closer together is one frame in several parts. */
const BEAT_LEAST_MS = 40
/** A frame may be late by this share before the pen has to wait for it. */
const SLACK = 1.2
/** A longer beat is believed soon, or the pen would stand still between frames; a shorter one slowly. */
const LONGER = 0.6
const SHORTER = 0.15

interface Arrival {
  /** Length of the whole text after it. */
  end: number
  deadline: number
}

export class Pen {
  /** What is not shown yet. */
  private text = ''
  /** Length of what is shown. */
  private shown = 0
  private arrivals: Arrival[] = []
  private drawnAt: number | null = null
  private arrivedAt: number | null = null
  private beatMs = BEAT_FIRST_MS
  private finished = false

  constructor(private readonly reducedMotion: () => boolean = () => false) {}

  get pending(): number {
    return this.text.length
  }

  /** How far apart frames seem to be. */
  get beat(): number {
    return this.beatMs
  }

  push(text: string, now: number): void {
    if (text === '') return
    if (this.arrivals.length === 0) this.drawnAt = now
    this.listen(now)
    this.text += text
    const wait = this.finished ? DRAIN_MS : this.beatMs * SLACK
    this.arrivals.push({ end: this.shown + this.text.length, deadline: now + wait })
  }

  /** Nothing comes after what is there. */
  finish(now: number): void {
    this.finished = true
    for (const arrival of this.arrivals) arrival.deadline = Math.min(arrival.deadline, now + DRAIN_MS)
  }

  /** Begins anew with a text that is shown at once. */
  reset(text: string): void {
    this.text = ''
    this.shown = text.length
    this.arrivals = []
    this.drawnAt = this.arrivedAt = null
    this.finished = false
  }

  /** The text to append at `now`; empty when there is nothing to draw. */
  draw(now: number): string {
    if (this.text === '') return ''
    const count = this.countAt(now)
    // Less than a letter is due: the time that has passed counts for the next one.
    if (count === 0) return ''
    const piece = this.text.slice(0, count)
    this.text = this.text.slice(count)
    this.shown += count
    this.drawnAt = now
    this.arrivals = this.arrivals.filter((arrival) => arrival.end > this.shown)
    return piece
  }

  private listen(now: number): void {
    const gap = this.arrivedAt === null ? null : now - this.arrivedAt
    if (gap !== null && gap < BEAT_LEAST_MS) return
    this.arrivedAt = now
    if (gap === null) return
    // Silence of the model is no rhythm: a beat grows to its double at most.
    const heard = Math.min(gap, this.beatMs * 2, BEAT_MOST_MS / SLACK)
    this.beatMs += (heard - this.beatMs) * (heard > this.beatMs ? LONGER : SHORTER)
  }

  /** How many letters are due. */
  private countAt(now: number): number {
    if (this.reducedMotion()) return this.text.length
    const since = Math.max(0, now - (this.drawnAt ?? now))
    let target = 0
    for (const { end, deadline } of this.arrivals) {
      const left = deadline - (now - since)
      const share = left <= since ? 1 : since / left
      target = Math.max(target, (end - this.shown) * share)
    }
    return this.unsplit(Math.min(this.text.length, Math.floor(target + 1e-6)))
  }

  /** `count`, moved behind a surrogate pair it would split. */
  private unsplit(count: number): number {
    if (count === 0) return 0
    const unit = this.text.charCodeAt(count - 1)
    return unit >= 0xd800 && unit <= 0xdbff && count < this.text.length ? count + 1 : count
  }
}

/**
 * How much of a growing text to show at a moment: smooth between frames of the socket, never more than 300 ms behind.
 *
 * Each arrival has a deadline; the pen writes just fast enough to meet all of them. Pure: time and text go in, the
 * text to draw comes out. With reduced motion everything is drawn at once.
 */

export const DRAIN_MS = 300

interface Arrival {
  /** Length of the whole text after it. */
  end: number
  deadline: number
}

export class Pen {
  private text = ''
  private shown = 0
  private arrivals: Arrival[] = []
  private drawnAt: number | null = null

  constructor(private readonly reducedMotion: () => boolean = () => false) {}

  get pending(): number {
    return this.text.length - this.shown
  }

  /** All text that has arrived, shown or not. */
  get whole(): string {
    return this.text
  }

  push(text: string, now: number): void {
    if (text === '') return
    if (this.arrivals.length === 0) this.drawnAt = now
    this.text += text
    this.arrivals.push({ end: this.text.length, deadline: now + DRAIN_MS })
  }

  /** Begins anew with `text`, which is shown at once. */
  reset(text: string): void {
    this.text = text
    this.shown = text.length
    this.arrivals = []
    this.drawnAt = null
  }

  /** The text to append at `now`; empty when there is nothing to draw. */
  draw(now: number): string {
    if (this.pending === 0) return ''
    const from = this.shown
    this.shown = this.whereAt(now)
    this.drawnAt = now
    this.arrivals = this.arrivals.filter((arrival) => arrival.end > this.shown)
    return this.text.slice(from, this.shown)
  }

  /** Everything that is left, at once. */
  flush(): string {
    const rest = this.text.slice(this.shown)
    this.shown = this.text.length
    this.arrivals = []
    return rest
  }

  private whereAt(now: number): number {
    if (this.reducedMotion()) return this.text.length
    const since = Math.max(0, now - (this.drawnAt ?? now))
    let target = this.shown
    for (const { end, deadline } of this.arrivals) {
      const left = deadline - (now - since)
      const share = left <= since ? 1 : since / left
      target = Math.max(target, this.shown + (end - this.shown) * share)
    }
    return this.unsplit(Math.min(this.text.length, Math.ceil(target)))
  }

  /** `index`, moved behind a surrogate pair it would split. */
  private unsplit(index: number): number {
    const unit = this.text.charCodeAt(index - 1)
    return unit >= 0xd800 && unit <= 0xdbff && index < this.text.length ? index + 1 : index
  }
}

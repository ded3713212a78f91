/** One socket from its opening to its end: says hello, parses, and notices when nobody answers any more. */

import type { Clock } from './clock'
import { parseFrame, type DownFrame, type UpFrame } from './frames'

/** The part of a browser's WebSocket that is used here. */
export interface SocketLike {
  onopen: ((event: never) => unknown) | null
  onmessage: ((event: never) => unknown) | null
  onclose: ((event: never) => unknown) | null
  onerror: ((event: never) => unknown) | null
  send(text: string): void
  close(code?: number): void
}

/** A welcome, or an answer to what was sent, must come within this; else the socket is taken for dead. */
export const ANSWER_MOST_MS = 10_000

export interface LinkEvents {
  onWelcome(link: Link): void
  onFrame(link: Link, frame: DownFrame): void
  onGone(link: Link): void
}

export class Link {
  welcomed = false
  welcomedAt = 0
  private gone = false
  private timer: unknown = null
  private due = 0

  constructor(
    private readonly socket: SocketLike,
    hello: UpFrame,
    private readonly clock: Clock,
    private readonly events: LinkEvents,
  ) {
    socket.onopen = () => this.send(hello)
    socket.onmessage = (event: never) => this.hear((event as { data: unknown }).data)
    socket.onclose = () => this.end()
    socket.onerror = () => this.end()
    this.expectAnswer(ANSWER_MOST_MS)
  }

  /** Every frame up is answered in some way: `unfollow` alone is not. `answerMs`: how long that may take. */
  send(frame: UpFrame, answerMs = ANSWER_MOST_MS): void {
    if (this.gone) return
    try {
      this.socket.send(JSON.stringify(frame))
    } catch {
      // A socket that is closing throws or drops; its end is on the way.
      return
    }
    if (frame.type !== 'unfollow') this.expectAnswer(answerMs)
  }

  close(): void {
    this.gone = true
    this.clock.clearTimeout(this.timer)
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = this.socket.onerror = null
    this.socket.close(1000)
  }

  private hear(data: unknown): void {
    if (this.gone || typeof data !== 'string') return
    this.clock.clearTimeout(this.timer)
    this.timer = null
    const frame = parseFrame(data)
    if (!frame) return
    if (frame.type === 'welcome') {
      this.welcomed = true
      this.welcomedAt = this.clock.now()
      this.events.onWelcome(this)
    } else {
      this.events.onFrame(this, frame)
    }
  }

  private expectAnswer(withinMs: number): void {
    const due = this.clock.now() + withinMs
    if (this.timer !== null && this.due <= due) return
    this.clock.clearTimeout(this.timer)
    this.due = due
    this.timer = this.clock.setTimeout(() => this.end(), withinMs)
  }

  private end(): void {
    if (this.gone) return
    this.close()
    this.events.onGone(this)
  }
}

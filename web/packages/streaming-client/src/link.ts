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
  private gone = false
  private timer: unknown = null

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
    this.expectAnswer()
  }

  /** Every frame up is answered in some way: `unfollow` alone is not. */
  send(frame: UpFrame): void {
    if (this.gone) return
    try {
      this.socket.send(JSON.stringify(frame))
    } catch {
      // A socket that is closing throws or drops; its end is on the way.
      return
    }
    if (frame.type !== 'unfollow') this.expectAnswer()
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
      this.events.onWelcome(this)
    } else {
      this.events.onFrame(this, frame)
    }
  }

  private expectAnswer(): void {
    if (this.timer !== null) return
    this.timer = this.clock.setTimeout(() => this.end(), ANSWER_MOST_MS)
  }

  private end(): void {
    if (this.gone) return
    this.close()
    this.events.onGone(this)
  }
}

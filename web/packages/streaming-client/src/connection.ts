/**
 * Keeps a page connected: opens sockets, renews them, comes back after a loss, and reads by plain requests where no
 * socket gets through. What the frames mean is the Reader's business.
 */

import { Backoff } from './backoff'
import { systemClock, type Clock } from './clock'
import { Link, type SocketLike } from './link'
import { Polling, type FetchEvents } from './polling'
import type { DownFrame, GenerationFacts } from './frames'
import { Reader, type GenerationView, type ReaderEvent } from './reader'

/** `polling`: no socket gets through for now, replies come by plain requests. */
export type ConnectionState = 'off' | 'connecting' | 'live' | 'waiting' | 'polling'

export interface ConnectionOptions {
  /** The socket's address with a fresh one-time ticket in it. */
  address: () => Promise<string>
  openSocket: (address: string) => SocketLike
  fetchEvents: FetchEvents
  onEvent: (event: ReaderEvent) => void
  onState?: (state: ConnectionState) => void
  locale?: string
  clock?: Clock
  /** A number from 0 up to 1. */
  random?: () => number
}

/** The gateway ends a socket after two hours; ours is replaced before. */
export const RENEW_MS = 110 * 60_000
/** The gateway ends a socket that was idle for ten minutes. */
export const PING_MS = 4 * 60_000
/** After so many attempts without a welcome, unfinished replies are read by plain requests. */
export const ATTEMPTS_BEFORE_POLLING = 3

export class Connection {
  state: ConnectionState = 'off'
  private readonly reader: Reader
  private readonly clock: Clock
  private readonly random: () => number
  private readonly backoff: Backoff
  private readonly polling: Polling
  private readonly wanted = new Map<string, number>()
  private link: Link | null = null
  /** The socket that will take over, while the old one still serves. */
  private nextLink: Link | null = null
  private opening = 0
  private running = false
  private visible = true
  private retryTimer: unknown = null
  private renewTimer: unknown = null
  private pingTimer: unknown = null
  private tickTimer: unknown = null

  constructor(private readonly options: ConnectionOptions) {
    this.clock = options.clock ?? systemClock
    this.random = options.random ?? Math.random
    this.reader = new Reader(options.locale ?? 'en')
    this.backoff = new Backoff({ firstMs: 1_000, mostMs: 30_000, random: this.random })
    this.polling = new Polling(options.fetchEvents, this.clock, this.random, {
      position: (id) => this.position(id),
      onFrame: (id, epoch, frame) => this.polled(id, epoch, frame),
    })
  }

  // --- what the page wants

  start(): void {
    if (this.running) return
    this.running = true
    void this.open()
  }

  /** Ends everything, for good: sign-out. */
  close(): void {
    this.running = false
    this.opening += 1
    for (const timer of [this.retryTimer, this.renewTimer, this.pingTimer, this.tickTimer])
      this.clock.clearTimeout(timer)
    this.link?.close()
    this.nextLink?.close()
    this.link = this.nextLink = null
    this.polling.keep([])
    this.reader.disconnected()
    this.enter('off')
  }

  follow(chatId: string, revision: number): void {
    this.wanted.set(chatId, revision)
    this.settle()
  }

  unfollow(chatId: string): void {
    this.wanted.delete(chatId)
    this.settle()
  }

  /** The page shows the chat as of `revision`. */
  seen(chatId: string, revision: number): void {
    const known = this.wanted.get(chatId)
    if (known !== undefined && revision > known) this.wanted.set(chatId, revision)
    this.reader.seen(chatId, revision)
  }

  /** A generation that was learned of by REST, before or without its frames. `base`: what a `continue` goes on from. */
  expect(facts: GenerationFacts, base: string | null = ''): void {
    this.reader.expect(facts, this.clock.now(), base)
    this.settle()
  }

  /** Whether the command went out; if not, stop by REST. */
  stop(turnId: string): boolean {
    const sent = this.link?.welcomed === true && this.reader.stop(turnId)
    this.settle()
    return sent
  }

  view(generationId: string): GenerationView | null {
    return this.reader.view(generationId)
  }

  /** A hidden tab reads on only where a reply is running: frames are billed a reader. */
  setVisible(visible: boolean): void {
    if (visible === this.visible) return
    this.visible = visible
    if (visible) this.wake()
    this.settle()
  }

  /** The network came or went, as the browser tells. */
  setOnline(online: boolean): void {
    if (online) this.wake()
  }

  // --- opening and losing sockets

  private async open(): Promise<void> {
    const attempt = ++this.opening
    this.clock.clearTimeout(this.retryTimer)
    this.retryTimer = null
    if (!this.link?.welcomed && this.state !== 'polling') this.enter('connecting')
    try {
      const address = await this.options.address()
      if (attempt !== this.opening || !this.running) return
      const link = new Link(this.options.openSocket(address), this.reader.hello(), this.clock, {
        onWelcome: (one) => this.welcomed(one),
        onFrame: (one, frame) => this.heard(one, frame),
        onGone: (one) => this.lost(one),
      })
      if (this.link?.welcomed) this.nextLink = link
      else this.link = link
    } catch {
      // No ticket: offline, or the server does not answer. Signed out, the page closes us.
      if (attempt === this.opening && this.running) this.retry()
    }
  }

  private welcomed(link: Link): void {
    if (link === this.nextLink) {
      this.link?.close()
      this.link = link
      this.nextLink = null
    }
    if (link !== this.link) return
    this.backoff.reset()
    this.polling.keep([])
    this.reader.connected(this.clock.now())
    this.enter('live')
    this.clock.clearTimeout(this.renewTimer)
    this.renewTimer = this.clock.setTimeout(() => void this.open(), RENEW_MS - this.random() * 300_000)
    this.settle()
  }

  private heard(link: Link, frame: DownFrame): void {
    if (link !== this.link) return
    this.reader.receive(frame, this.clock.now())
    this.settle()
  }

  private lost(link: Link): void {
    if (link === this.nextLink) {
      this.nextLink = null
      this.clock.clearTimeout(this.renewTimer)
      this.renewTimer = this.clock.setTimeout(() => void this.open(), 30_000)
      return
    }
    if (link !== this.link) return
    this.link = null
    this.reader.disconnected()
    this.clock.clearTimeout(this.renewTimer)
    if (this.running) this.retry()
  }

  private retry(): void {
    this.clock.clearTimeout(this.retryTimer)
    this.retryTimer = this.clock.setTimeout(() => void this.open(), this.backoff.next())
    this.enter(this.backoff.attempts >= ATTEMPTS_BEFORE_POLLING ? 'polling' : 'waiting')
    this.settle()
  }

  /** The page came to the front or the network came back: a waiting attempt goes out now, a live socket is tried. */
  private wake(): void {
    if (!this.running) return
    if (this.retryTimer !== null) {
      this.backoff.reset()
      void this.open()
    } else if (this.link?.welcomed) {
      this.link.send({ type: 'ping' })
    }
  }

  // --- after every step

  private settle(): void {
    if (!this.running) return
    for (const [chatId, revision] of this.wanted) {
      if (this.visible || this.reader.isUnfinished(chatId)) this.reader.follow(chatId, revision)
      else this.reader.unfollow(chatId)
    }
    for (const chatId of this.reader.followed()) if (!this.wanted.has(chatId)) this.reader.unfollow(chatId)
    if (this.link?.welcomed) for (const frame of this.reader.takeFrames()) this.link.send(frame)
    if (this.state === 'polling') this.polling.keep(this.reader.unfinished().map((one) => one.generationId))
    this.schedule()
    for (const event of this.reader.takeEvents()) this.options.onEvent(event)
  }

  private schedule(): void {
    const now = this.clock.now()
    this.clock.clearTimeout(this.tickTimer)
    const due = this.reader.nextDeadline()
    if (due !== null) {
      this.tickTimer = this.clock.setTimeout(
        () => {
          this.reader.tick(this.clock.now())
          this.settle()
        },
        Math.max(10, due - now),
      )
    }
    this.clock.clearTimeout(this.pingTimer)
    if (this.link?.welcomed && (this.visible || this.reader.followed().length > 0)) {
      this.pingTimer = this.clock.setTimeout(() => {
        this.link?.send({ type: 'ping' })
        this.schedule()
      }, PING_MS)
    }
  }

  private position(generationId: string): string | null {
    const one = this.reader.unfinished().find((each) => each.generationId === generationId)
    return one ? `${one.epoch}-${one.after}` : null
  }

  private polled(generationId: string, epoch: number, frame: DownFrame): void {
    if (this.state !== 'polling') return
    this.reader.receiveFor(generationId, epoch, frame, this.clock.now())
    this.settle()
  }

  private enter(state: ConnectionState): void {
    if (state === this.state) return
    this.state = state
    this.options.onState?.(state)
  }
}

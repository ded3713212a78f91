/**
 * Keeps a page connected: opens sockets, renews them, comes back after a loss, and reads by plain requests where no
 * socket gets through. What the frames mean is the Reader's business.
 */

import { Backoff } from './backoff'
import { systemClock, type Clock } from './clock'
import { ChatNews, type ChatRequests } from './chatnews'
import type { DownFrame, GenerationFacts } from './frames'
import { ANSWER_MOST_MS, Link, type SocketLike } from './link'
import { Polling, type ReplyRequests } from './polling'
import { Reader, type GenerationView, type ReaderEvent } from './reader'

/** `waiting`: the server is out of reach. `polling`: no socket gets through, replies and news come by plain requests. */
export type ConnectionState = 'off' | 'connecting' | 'live' | 'waiting' | 'polling'

export interface ConnectionOptions extends ReplyRequests, ChatRequests {
  /** The socket's address with a fresh one-time ticket in it. */
  address: () => Promise<string>
  openSocket: (address: string) => SocketLike
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
/** Without a socket for so long, plain requests take its place until one is welcome. */
export const POLLING_AFTER_MS = 3_000
/** After so many attempts without a welcome that lasts they do so at once. */
export const ATTEMPTS_BEFORE_POLLING = 3
/** A socket that dies younger counts as one that did not get through: proxies let some in and cut them off. */
export const LASTING_MS = 15_000
/** A page that wakes up finds out soon whether its socket is still one. */
export const WAKE_ANSWER_MS = 3_000

export class Connection {
  state: ConnectionState = 'off'
  private readonly reader: Reader
  private readonly clock: Clock
  private readonly random: () => number
  private readonly backoff: Backoff
  private readonly polling: Polling
  private readonly news: ChatNews
  private readonly wanted = new Map<string, number>()
  private link: Link | null = null
  /** The socket that will take over, while the old one still serves. */
  private nextLink: Link | null = null
  /** Plain requests take the place of a socket. */
  private plain = false
  /** The socket has brought something: until then plain requests go on, and what comes twice is dropped. */
  private proved = false
  private opening = 0
  private running = false
  private visible = true
  private retryTimer: unknown = null
  private renewTimer: unknown = null
  private pingTimer: unknown = null
  private tickTimer: unknown = null
  private pollingTimer: unknown = null

  constructor(private readonly options: ConnectionOptions) {
    this.clock = options.clock ?? systemClock
    this.random = options.random ?? Math.random
    this.reader = new Reader(options.locale ?? 'en')
    this.backoff = new Backoff({ firstMs: 1_000, mostMs: 15_000, random: this.random })
    this.polling = new Polling(options, this.clock, this.random, {
      position: (id) => this.reader.asking(id),
      onFrame: (id, epoch, frame) => this.polled((now) => this.reader.receiveFor(id, epoch, frame, now)),
      onState: (_, state) => this.polled((now) => this.reader.receiveState(state, now)),
      onGone: (id) => this.polled(() => this.reader.forget(id)),
      onAnswer: (came) => this.answered(came),
    })
    this.news = new ChatNews(options, this.clock, {
      onChat: (id, { revision, generations }) =>
        this.polled((now) => this.reader.receiveChat(id, revision, generations, now)),
      onAnswer: (came) => this.answered(came),
    })
  }

  // --- what the page wants

  start(): void {
    if (this.running) return
    this.running = true
    this.expectWelcome()
    void this.open()
  }

  /** Ends everything, for good: sign-out. */
  close(): void {
    this.running = false
    this.opening += 1
    for (const timer of [this.retryTimer, this.renewTimer, this.pingTimer, this.tickTimer, this.pollingTimer])
      this.clock.clearTimeout(timer)
    this.link?.close()
    this.nextLink?.close()
    this.link = this.nextLink = null
    this.plain = false
    this.polling.keep([])
    this.news.keep([])
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

  /** The revision of a followed chat that the page shows; null when it follows none such. */
  revisionOf(chatId: string): number | null {
    return this.wanted.get(chatId) ?? null
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
    if (!this.link?.welcomed && !this.plain) this.enter('connecting')
    // A ticket that nobody answers for: another attempt takes the place of this one.
    this.retryTimer = this.clock.setTimeout(() => this.refused(attempt), ANSWER_MOST_MS)
    try {
      const address = await this.options.address()
      if (attempt !== this.opening || !this.running) return
      this.clock.clearTimeout(this.retryTimer)
      this.retryTimer = null
      const link = new Link(this.options.openSocket(address), this.reader.hello(), this.clock, {
        onWelcome: (one) => this.welcomed(one),
        onFrame: (one, frame) => this.heard(one, frame),
        onGone: (one) => this.lost(one),
      })
      if (this.link?.welcomed) this.nextLink = link
      else this.link = link
    } catch {
      this.refused(attempt)
    }
  }

  /** No ticket: offline, or the server does not answer. Signed out, the page closes us. */
  private refused(attempt: number): void {
    if (attempt !== this.opening || !this.running) return
    this.opening += 1
    this.retry()
  }

  private welcomed(link: Link): void {
    if (link === this.nextLink) {
      this.link?.close()
      this.link = link
      this.nextLink = null
    }
    if (link !== this.link) return
    this.clock.clearTimeout(this.pollingTimer)
    this.news.keep([])
    this.proved = !this.plain
    this.plain = false
    this.reader.connected(this.clock.now())
    this.enter('live')
    this.clock.clearTimeout(this.renewTimer)
    this.renewTimer = this.clock.setTimeout(() => void this.open(), RENEW_MS - this.random() * 300_000)
    this.settle()
  }

  private heard(link: Link, frame: DownFrame): void {
    if (link !== this.link) return
    if (!this.proved && frame.type !== 'pong') {
      this.proved = true
      this.polling.keep([])
    }
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
    if (link.welcomed && this.clock.now() - link.welcomedAt >= LASTING_MS) this.backoff.reset()
    this.link = null
    // One that was to take over serves at once, if it is let in.
    if (this.nextLink) [this.link, this.nextLink] = [this.nextLink, null]
    this.reader.disconnected()
    this.clock.clearTimeout(this.renewTimer)
    if (!this.running) return
    if (link.welcomed) this.expectWelcome()
    if (this.link) this.enter('connecting')
    else this.retry()
  }

  private retry(): void {
    this.clock.clearTimeout(this.retryTimer)
    if (this.link?.welcomed) {
      // Only the renewal failed.
      this.retryTimer = null
      this.renewTimer = this.clock.setTimeout(() => void this.open(), 30_000)
      return
    }
    this.retryTimer = this.clock.setTimeout(() => void this.open(), this.backoff.next())
    if (!this.plain) this.enter('waiting')
    if (this.backoff.attempts >= ATTEMPTS_BEFORE_POLLING) this.plain = true
    this.settle()
  }

  /** What is to be read is read by plain requests, if no socket is welcome soon. */
  private expectWelcome(): void {
    this.clock.clearTimeout(this.pollingTimer)
    this.pollingTimer = this.clock.setTimeout(() => {
      if (this.link?.welcomed) return
      this.plain = true
      this.settle()
    }, POLLING_AFTER_MS)
  }

  /** The page came to the front or the network came back: an attempt goes out now, a live socket is tried. */
  private wake(): void {
    if (!this.running) return
    if (this.link?.welcomed) {
      this.link.send({ type: 'ping' }, WAKE_ANSWER_MS)
    } else {
      this.link?.close()
      this.link = null
      this.backoff.reset()
      void this.open()
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
    if (this.plain) {
      this.polling.keep(this.reader.unfinished().map((one) => one.generationId))
      this.news.keep(this.reader.followed())
    }
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

  private polled(take: (now: number) => void): void {
    if (!this.running || (!this.plain && this.proved)) return
    take(this.clock.now())
    this.settle()
  }

  private answered(came: boolean): void {
    if (this.plain) this.enter(came ? 'polling' : 'waiting')
  }

  private enter(state: ConnectionState): void {
    if (state === this.state) return
    this.state = state
    this.options.onState?.(state)
  }
}

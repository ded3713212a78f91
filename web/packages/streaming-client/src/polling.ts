/**
 * A reply without a socket: asks `GET /generations/{id}/events` again and again until it has ended, and where a proxy
 * swallows event streams as well, `GET /generations/{id}`, the whole state.
 *
 * Each answer of the event stream holds a stretch of events whose ids are `{epoch}-{seq}`; the server closes it early
 * because a gateway would buffer it anyway.
 */

import { Backoff } from './backoff'
import type { Clock } from './clock'
import { readEvents, readRetry } from './eventstream'
import { parseFrame, type DownFrame, type GenerationState } from './frames'
import { Loops, pause, within } from './loops'

/** The server does not know the generation (any more): there is nothing to wait for. */
export class Gone extends Error {
  override readonly name = 'Gone'
}

/** The server has too many who wait, and says when to come again. Nothing has failed. */
export class Busy extends Error {
  override readonly name = 'Busy'

  constructor(readonly afterMs: number) {
    super('Too many are waiting.')
  }
}

export interface ReplyRequests {
  /** The body of one answer. `lastEventId` is null at the beginning. Rejects when the request failed; see Gone, Busy. */
  fetchEvents: (generationId: string, lastEventId: string | null, signal: AbortSignal) => Promise<string>
  /** The whole state. Rejects in the same way. */
  fetchState: (generationId: string, signal: AbortSignal) => Promise<GenerationState>
}

export interface PollingEvents {
  /** Where to go on, as `{epoch}-{seq}`; null when the generation is finished or forgotten. Called before each request. */
  position(generationId: string): string | null
  onFrame(generationId: string, epoch: number, frame: DownFrame): void
  onState(generationId: string, state: GenerationState): void
  onGone(generationId: string): void
  /** A request was answered, or was not. */
  onAnswer(came: boolean): void
}

const PAUSE_MS = 50
const STATE_PAUSE_MS = 1_000
/** Whatever the server says, a reader asks again before long. */
const WAIT_MOST_MS = 15_000
/** The server holds an event stream open for 20 s at most, a gateway any answer for 29. */
const EVENTS_MOST_MS = 28_000
const STATE_MOST_MS = 10_000
/** So many event streams that fail one after the other, and the state is asked for instead … */
export const EVENTS_FAILURES_MOST = 2
/** … for this long. */
export const EVENTS_AGAIN_MS = 30_000
/** The server waits for text: an empty answer that is faster comes from somebody else. */
const EMPTY_LEAST_MS = 1_000

export class Polling {
  private readonly loops = new Loops((id, signal) => this.poll(id, signal))

  constructor(
    private readonly requests: ReplyRequests,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly events: PollingEvents,
  ) {}

  /** Polls exactly these generations. */
  keep(generationIds: readonly string[]): void {
    this.loops.keep(generationIds)
  }

  private async poll(id: string, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff({ firstMs: 500, mostMs: 15_000, random: this.random })
    let failures = 0
    let stateUntil = -Infinity
    while (!signal.aborted) {
      const position = this.events.position(id)
      if (position === null) return
      const byState = this.clock.now() < stateUntil
      try {
        const wait = byState ? await this.askState(id, signal) : await this.askEvents(id, position, signal)
        if (signal.aborted) return
        this.events.onAnswer(true)
        if (!byState) failures = 0
        backoff.reset()
        await pause(this.clock, wait, signal)
      } catch (problem) {
        if (signal.aborted) return
        if (problem instanceof Gone) return this.events.onGone(id)
        if (problem instanceof Busy) {
          this.events.onAnswer(true)
          await pause(this.clock, waitFor(problem.afterMs), signal)
          continue
        }
        // Whatever else failed, the reply is still on the server: wait and ask again, or ask in the other way.
        this.events.onAnswer(false)
        if (!byState) failures += 1
        const turned = !byState && failures >= EVENTS_FAILURES_MOST
        if (turned) stateUntil = this.clock.now() + EVENTS_AGAIN_MS
        await pause(this.clock, turned ? PAUSE_MS : 250 + backoff.next(), signal)
      }
    }
  }

  /** Both answer how long to wait before the next request, in milliseconds. */
  private async askEvents(id: string, position: string, signal: AbortSignal): Promise<number> {
    const askedAt = this.clock.now()
    const lastId = position === '0-0' ? null : position
    const text = await within(this.clock, EVENTS_MOST_MS, signal, (own) => this.requests.fetchEvents(id, lastId, own))
    if (signal.aborted) return PAUSE_MS
    const events = readEvents(text)
    if (events.length === 0 && this.clock.now() - askedAt < EMPTY_LEAST_MS) throw new Error('An empty answer.')
    for (const event of events) {
      const frame = parseFrame(event.data)
      const epoch = Number(event.id?.split('-')[0] ?? Number.NaN)
      if (frame && Number.isSafeInteger(epoch)) this.events.onFrame(id, epoch, frame)
    }
    return waitFor(readRetry(text) ?? PAUSE_MS)
  }

  private async askState(id: string, signal: AbortSignal): Promise<number> {
    const state = await within(this.clock, STATE_MOST_MS, signal, (own) => this.requests.fetchState(id, own))
    if (!signal.aborted) this.events.onState(id, state)
    return STATE_PAUSE_MS
  }
}

function waitFor(milliseconds: number): number {
  return Math.min(Math.max(milliseconds, PAUSE_MS), WAIT_MOST_MS)
}

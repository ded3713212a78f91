/**
 * The way without a socket: asks `GET /generations/{id}/events` again and again until the reply has ended.
 *
 * Each answer holds a stretch of events whose ids are `{epoch}-{seq}`; the server closes it early because a gateway
 * would buffer it anyway.
 */

import { Backoff } from './backoff'
import type { Clock } from './clock'
import { readEvents } from './eventstream'
import { parseFrame, type DownFrame } from './frames'

/** The body of one answer. `lastEventId` is null at the beginning. Rejects when the request failed. */
export type FetchEvents = (generationId: string, lastEventId: string | null, signal: AbortSignal) => Promise<string>

export interface PollingEvents {
  /** Where to go on, as `{epoch}-{seq}`; null when the generation is finished or forgotten. */
  position(generationId: string): string | null
  onFrame(generationId: string, epoch: number, frame: DownFrame): void
}

const PAUSE_MS = 50

export class Polling {
  private running = new Map<string, AbortController>()

  constructor(
    private readonly fetchEvents: FetchEvents,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly events: PollingEvents,
  ) {}

  /** Polls exactly these generations. */
  keep(generationIds: string[]): void {
    for (const [id, control] of this.running) {
      if (!generationIds.includes(id)) {
        control.abort()
        this.running.delete(id)
      }
    }
    for (const id of generationIds) {
      if (this.running.has(id)) continue
      const control = new AbortController()
      this.running.set(id, control)
      void this.poll(id, control.signal).finally(() => {
        if (this.running.get(id) === control) this.running.delete(id)
      })
    }
  }

  private async poll(id: string, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff({ firstMs: 500, mostMs: 15_000, random: this.random })
    while (!signal.aborted) {
      const position = this.events.position(id)
      if (position === null) return
      try {
        const text = await this.fetchEvents(id, position === '0-0' ? null : position, signal)
        if (signal.aborted) return
        this.deliver(id, text)
        backoff.reset()
        await this.pause(PAUSE_MS)
      } catch {
        // Whatever failed, the reply is still on the server: wait and ask again.
        await this.pause(250 + backoff.next())
      }
    }
  }

  private deliver(id: string, text: string): void {
    for (const event of readEvents(text)) {
      const frame = parseFrame(event.data)
      const epoch = Number(event.id?.split('-')[0] ?? Number.NaN)
      if (frame) this.events.onFrame(id, epoch, frame)
    }
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.clock.setTimeout(resolve, milliseconds))
  }
}

/** A clock and sockets in the hands of a test. */
import type { DownFrame, UpFrame } from '../src/frames'
import type { Clock } from '../src/clock'
import type { SocketLike } from '../src/link'

/** A clock that runs when it is told to. */
export class HandClock implements Clock {
  private time = 0
  private timers = new Map<number, { at: number; run: () => void }>()
  private ids = 0

  now(): number {
    return this.time
  }

  setTimeout(run: () => void, milliseconds: number): number {
    this.timers.set(++this.ids, { at: this.time + milliseconds, run })
    return this.ids
  }

  clearTimeout(id: unknown): void {
    this.timers.delete(id as number)
  }

  async pass(milliseconds: number): Promise<void> {
    const until = this.time + milliseconds
    await settled()
    for (;;) {
      let next: [number, { at: number; run: () => void }] | null = null
      for (const timer of this.timers) if (timer[1].at <= until && (!next || timer[1].at < next[1].at)) next = timer
      if (!next) break
      this.timers.delete(next[0])
      this.time = Math.max(this.time, next[1].at)
      next[1].run()
      await settled()
    }
    this.time = until
  }
}

/** A socket whose other end is the test. */
export class HandSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null
  onmessage: SocketLike['onmessage'] = null
  onclose: SocketLike['onclose'] = null
  onerror: SocketLike['onerror'] = null
  sent: UpFrame[] = []
  closed = false

  send(text: string): void {
    this.sent.push(JSON.parse(text) as UpFrame)
  }

  close(): void {
    this.closed = true
  }

  open(): void {
    this.onopen?.({} as never)
    this.say({ type: 'welcome', contract: 1, socket_id: 's' })
  }

  say(frame: DownFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) } as never)
  }

  break(): void {
    this.onclose?.({} as never)
  }

  types(): string[] {
    return this.sent.map((frame) => frame.type)
  }
}

/** Until what has been promised is done. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 16; i++) await Promise.resolve()
}

/** Numbers from 0 up to 1, the same for the same seed. */
export function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

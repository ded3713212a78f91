/** Loops of requests, one a name, begun and ended as what is wanted changes; and the two ways to spend time in them. */

import type { Clock } from './clock'

export class Loops {
  private readonly running = new Map<string, AbortController>()

  constructor(private readonly run: (name: string, signal: AbortSignal) => Promise<void>) {}

  /** Runs a loop for exactly these names. One that came to its end by itself begins again if it is still wanted. */
  keep(names: readonly string[]): void {
    for (const [name, control] of this.running) {
      if (names.includes(name)) continue
      this.running.delete(name)
      control.abort()
    }
    for (const name of names) {
      if (this.running.has(name)) continue
      const control = new AbortController()
      this.running.set(name, control)
      void this.run(name, control.signal).finally(() => {
        if (this.running.get(name) === control) this.running.delete(name)
      })
    }
  }
}

/** Ends after a time, or with the loop. */
export function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = clock.setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
  })
}

/** A request that is given up after a time, or with the loop: it must heed its signal. */
export async function within<T>(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const control = new AbortController()
  const giveUp = () => control.abort()
  const timer = clock.setTimeout(giveUp, milliseconds)
  signal.addEventListener('abort', giveUp)
  try {
    return await ask(control.signal)
  } finally {
    clock.clearTimeout(timer)
    signal.removeEventListener('abort', giveUp)
  }
}

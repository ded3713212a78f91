/** Waiting times between attempts: exponential with full jitter, so that a thousand pages do not come back at once. */

export interface BackoffOptions {
  firstMs: number
  mostMs: number
  /** A number from 0 up to 1. */
  random: () => number
}

export class Backoff {
  attempts = 0

  constructor(private readonly options: BackoffOptions) {}

  /** How long to wait before the next attempt. */
  next(): number {
    const { firstMs, mostMs, random } = this.options
    const ceiling = Math.min(mostMs, firstMs * 2 ** this.attempts)
    this.attempts += 1
    return Math.round(random() * ceiling)
  }

  reset(): void {
    this.attempts = 0
  }
}

/** Changes of many entries on their way to the server: one request after the other, and how far they have come. */
import { shallowRef } from 'vue'
import type { BulkChange, BulkChanged } from '@/api/schema'
import { worldsApi } from '@/api/worlds'

export type Request = Partial<Omit<BulkChange, 'more'>> & { uids: number[] }

export interface Progress {
  done: number
  all: number
}

export function useBulk(worldId: string, took: (done: BulkChanged) => void) {
  /** Null while nothing is on its way that takes more than one request. */
  const progress = shallowRef<Progress | null>(null)
  let running = 0

  async function send(requests: readonly Request[]): Promise<void> {
    const count = requests.reduce((sum, one) => sum + one.uids.length, 0)
    const long = requests.length > 1
    if (long) further(0, count)
    running += 1
    try {
      for (const [place, request] of requests.entries()) {
        took(await worldsApi.changeEntries(worldId, { ...request, more: place < requests.length - 1 }))
        if (long) further(request.uids.length, 0)
      }
    } finally {
      running -= 1
      if (!running) progress.value = null
    }
  }

  function further(done: number, all: number): void {
    const before = progress.value ?? { done: 0, all: 0 }
    progress.value = { done: before.done + done, all: before.all + all }
  }

  return { progress, send }
}

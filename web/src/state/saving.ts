/**
 * Changes that save themselves when the hand rests. What is not saved yet is kept on this device, so that leaving or a
 * crash loses nothing; a change that was made on an older revision stops, and shows both.
 */
import { onBeforeUnmount, ref, shallowRef } from 'vue'
import { AppProblem } from '@/api/http'
import { dropHere, keepHere, keptHere } from './onDevice'

const REST_MS = 700

export type SaveState = 'clean' | 'dirty' | 'saving' | 'failed' | 'conflict'

export interface Saving<T, C> {
  /** Under which name what is not saved yet is kept on this device. */
  name: string
  /** What is there, as far as this page knows. */
  held: () => T | null
  send: (revision: number, change: C) => Promise<T>
  /** What was written, or what somebody else has written. */
  took: (fresh: T) => void
}

interface Unsent<C> {
  /** Of the thing it was made on; null when that had not come yet. */
  revision: number | null
  change: C
}

export function useSaving<T extends { revision: number }, C extends object>(work: Saving<T, C>) {
  const left = keptHere<Unsent<C>>(work.name)
  const state = ref<SaveState>(left ? 'dirty' : 'clean')
  const problem = shallowRef<unknown>(null)
  const theirs = shallowRef<T | null>(null)
  const pending = shallowRef<C | null>(left?.change ?? null)
  /** The revision that what is pending was made on: it may be older than what has been fetched since. */
  let base = left?.revision ?? null
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> | null = null

  function change(part: C): void {
    if (!pending.value) base = work.held()?.revision ?? null
    pending.value = { ...(pending.value ?? {}), ...part } as C
    keepHere(work.name, { revision: base, change: pending.value } satisfies Unsent<C>)
    if (state.value === 'conflict') return
    state.value = 'dirty'
    clearTimeout(timer)
    timer = setTimeout(() => void flush(), REST_MS)
  }

  async function flush(): Promise<void> {
    clearTimeout(timer)
    // Of several who waited for one write, one writes next and the others wait for that.
    while (running) await running
    if (!pending.value || state.value === 'conflict') return
    running = write().finally(() => (running = null))
    await running
  }

  async function write(): Promise<void> {
    const held = work.held()
    const sent = pending.value
    if (!held || !sent) return
    state.value = 'saving'
    problem.value = null
    try {
      const fresh = await work.send(base ?? held.revision, sent)
      wrote(sent, fresh)
    } catch (error) {
      problem.value = error
      const there = error instanceof AppProblem && error.code === 'conflict' ? (error.details.theirs as T | undefined) : undefined
      if (there && says(there, sent)) {
        // It was written, only the answer was lost; or somebody wanted the same.
        problem.value = null
        return wrote(sent, there)
      }
      theirs.value = there ?? null
      state.value = there ? 'conflict' : 'failed'
    }
  }

  function wrote(sent: C, fresh: T): void {
    if (pending.value === sent) forget()
    seen(fresh)
    if (pending.value) keepHere(work.name, { revision: base, change: pending.value } satisfies Unsent<C>)
    state.value = pending.value ? 'dirty' : 'clean'
    if (pending.value) timer = setTimeout(() => void flush(), REST_MS)
  }

  function forget(): void {
    pending.value = null
    dropHere(work.name)
  }

  /** Takes what this page itself has written by another way, such as a picture. */
  function seen(fresh: T): void {
    base = fresh.revision
    work.took(fresh)
  }

  /** After a conflict: mine over theirs, or theirs in the place of mine. */
  async function settle(mine: boolean): Promise<void> {
    const there = theirs.value
    if (!there) return
    theirs.value = null
    seen(there)
    state.value = 'dirty'
    if (!mine) {
      forget()
      state.value = 'clean'
      problem.value = null
      return
    }
    await flush()
  }

  const leaving = () => void flush()
  window.addEventListener('pagehide', leaving)
  onBeforeUnmount(() => {
    window.removeEventListener('pagehide', leaving)
    void flush()
  })

  return { state, problem, theirs, pending, change, flush, seen, settle }
}

/** Whether what is there is what was to be written. */
function says(there: object, change: object): boolean {
  const fields = there as Record<string, unknown>
  return Object.entries(change).every(([name, value]) => JSON.stringify(fields[name]) === JSON.stringify(value))
}

/**
 * Changes that save themselves when the hand rests. What is not saved yet is kept on this device, so that leaving or a
 * crash loses nothing; a change that was made on an older revision stops, and shows both.
 */
import { onBeforeUnmount, ref, shallowRef } from 'vue'
import { AppProblem } from '@/api/http'

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

export function useSaving<T extends { revision: number }, C extends object>(work: Saving<T, C>) {
  const state = ref<SaveState>('clean')
  const problem = shallowRef<unknown>(null)
  const theirs = shallowRef<T | null>(null)
  const pending = shallowRef<C | null>(read(work.name))
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> | null = null

  function change(part: C): void {
    pending.value = { ...(pending.value ?? {}), ...part } as C
    keep(work.name, pending.value)
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
      const fresh = await work.send(held.revision, sent)
      if (pending.value === sent) {
        pending.value = null
        keep(work.name, null)
      }
      work.took(fresh)
      state.value = pending.value ? 'dirty' : 'clean'
      if (pending.value) timer = setTimeout(() => void flush(), REST_MS)
    } catch (error) {
      problem.value = error
      const there = error instanceof AppProblem && error.code === 'conflict' ? (error.details.theirs as T | undefined) : undefined
      if (there && says(there, sent)) {
        // It was written, only the answer was lost; or somebody wanted the same.
        if (pending.value === sent) {
          pending.value = null
          keep(work.name, null)
        }
        work.took(there)
        problem.value = null
        state.value = pending.value ? 'dirty' : 'clean'
        if (pending.value) timer = setTimeout(() => void flush(), REST_MS)
        return
      }
      theirs.value = there ?? null
      state.value = there ? 'conflict' : 'failed'
    }
  }

  /** After a conflict: mine over theirs, or theirs in the place of mine. */
  async function settle(mine: boolean): Promise<void> {
    const there = theirs.value
    if (!there) return
    theirs.value = null
    work.took(there)
    state.value = 'dirty'
    if (!mine) {
      pending.value = null
      keep(work.name, null)
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

  return { state, problem, theirs, pending, change, flush, settle }
}

/** Whether what is there is what was to be written. */
function says(there: object, change: object): boolean {
  const fields = there as Record<string, unknown>
  return Object.entries(change).every(([name, value]) => JSON.stringify(fields[name]) === JSON.stringify(value))
}

function read<C>(name: string): C | null {
  try {
    return JSON.parse(localStorage.getItem(`tavern.unsaved.${name}`) ?? 'null') as C | null
  } catch {
    return null
  }
}

function keep(name: string, change: object | null): void {
  try {
    if (change) localStorage.setItem(`tavern.unsaved.${name}`, JSON.stringify(change))
    else localStorage.removeItem(`tavern.unsaved.${name}`)
  } catch {
    // A browser that keeps nothing still saves when the hand rests.
  }
}

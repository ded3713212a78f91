/**
 * A thing in the hand: written down when the hand rests, on the revision it was taken up with. What is not written yet
 * lies on this device; where two places changed the same, both are shown.
 */
import { onBeforeUnmount, reactive, ref, shallowRef, toRaw, watch, type Ref } from 'vue'
import { AppProblem } from '@/api/http'
import { dropHere, keepHere, keptHere } from './onDevice'
import type { SaveState } from './saving'

const QUIET_MS = 700

export interface Kept {
  id: string
  /** What tells one version from another: a number that counts up, or a digest. */
  revision: number | string
}

export interface Doors<T extends Kept, F> {
  /** Under which name what is not written yet lies on this device, before the id. */
  name: string
  /** What of a draft is written. */
  fields: (draft: T) => F
  write: (id: string, revision: T['revision'], fields: F) => Promise<T>
  read: (id: string) => Promise<T>
  /** Shows what is stored to others. */
  keep: (fresh: T) => void
}

export function useKeptEditing<T extends Kept, F extends object>(doors: Doors<T, F>) {
  const draft = reactive<{ value: T | null }>({ value: null }) as { value: T | null }
  const state = ref<SaveState>('clean') as Ref<SaveState>
  const problem = shallowRef<unknown>(null)
  /** The other version, while somebody has to choose. */
  const theirs = shallowRef<T | null>(null)
  const place = (id: string) => `${doors.name}.${id}`
  let timer: ReturnType<typeof setTimeout> | undefined
  let quiet = false
  let writing: Promise<void> | null = null

  watch(
    () => draft.value,
    (mine) => {
      if (quiet || !mine) return
      keepHere(place(mine.id), mine)
      if (state.value === 'conflict') return
      state.value = 'dirty'
      clearTimeout(timer)
      timer = setTimeout(() => void save(), QUIET_MS)
    },
    { deep: true, flush: 'sync' },
  )

  function softly(act: () => void): void {
    quiet = true
    act()
    quiet = false
  }

  /** Takes up another one; what was typed into the last is written down first, what an earlier visit left goes on. */
  async function take(one: T | null): Promise<void> {
    if (state.value === 'dirty' || state.value === 'failed') await save()
    const left = one && keptHere<T>(place(one.id))
    const goesOn = one && left && !says(one, left)
    if (one && left && !goesOn) dropHere(place(one.id))
    softly(() => (draft.value = one && copied(goesOn ? { ...one, ...left } : one)))
    theirs.value = problem.value = null
    state.value = 'clean'
    if (!goesOn) return
    theirs.value = left.revision === one.revision ? null : copied(one)
    state.value = theirs.value ? 'conflict' : 'dirty'
    if (!theirs.value) await save()
  }

  async function save(): Promise<void> {
    clearTimeout(timer)
    // One after another: the next carries the revision that this one makes.
    await writing
    const mine = draft.value
    if (!mine || state.value === 'conflict' || state.value === 'clean') return
    state.value = 'saving'
    problem.value = null
    writing = write(copied(mine)).finally(() => (writing = null))
    await writing
  }

  async function write(mine: T): Promise<void> {
    try {
      wrote(mine, await doors.write(mine.id, mine.revision, doors.fields(mine)))
    } catch (error) {
      if (!(error instanceof AppProblem) || error.code !== 'conflict') return failed(error)
      const there = await doors.read(mine.id).catch(() => null)
      if (!there) return failed(error)
      // It was written, only the answer was lost; or somebody wanted the same.
      if (says(there, mine)) return wrote(mine, there)
      theirs.value = there
      state.value = 'conflict'
    }
  }

  function wrote(mine: T, kept: T): void {
    doors.keep(kept)
    const now = draft.value
    if (now?.id !== mine.id || says(now, mine)) dropHere(place(mine.id))
    if (now?.id !== mine.id) return
    softly(() => (now.revision = kept.revision))
    if (!says(now, mine)) keepHere(place(mine.id), now)
    if (state.value === 'saving') state.value = 'clean'
  }

  function failed(error: unknown): void {
    problem.value = error
    state.value = 'failed'
  }

  const says = (one: T, other: T) => JSON.stringify(doors.fields(one)) === JSON.stringify(doors.fields(other))

  /** After a conflict: mine over theirs, or theirs instead of mine. */
  async function settle(mine: boolean): Promise<void> {
    const held = draft.value
    const there = theirs.value
    if (!held || !there) return
    theirs.value = null
    doors.keep(there)
    state.value = 'clean'
    if (!mine) {
      dropHere(place(held.id))
      return take(there)
    }
    softly(() => (held.revision = there.revision))
    state.value = 'dirty'
    await save()
  }

  const leave = () => {
    if (state.value === 'dirty') void save()
  }
  window.addEventListener('pagehide', leave)
  onBeforeUnmount(() => {
    window.removeEventListener('pagehide', leave)
    leave()
  })

  return { draft, state, problem, theirs, take, save, settle }
}

function copied<T>(one: T): T {
  return JSON.parse(JSON.stringify(toRaw(one))) as T
}

export function put<T extends { id: string }>(list: T[], fresh: T): T[] {
  return list.some((one) => one.id === fresh.id) ? list.map((one) => (one.id === fresh.id ? fresh : one)) : [...list, fresh]
}

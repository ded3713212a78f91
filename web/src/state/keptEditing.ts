/** A thing in the hand: written down when the hand rests, on the revision it was taken up with. */
import { onBeforeUnmount, reactive, ref, shallowRef, toRaw, watch, type Ref } from 'vue'
import { AppProblem } from '@/api/http'

const QUIET_MS = 700
export type Saving = 'clean' | 'dirty' | 'saving' | 'failed' | 'conflict'

export interface Kept {
  id: string
  revision: number
}

/** `write` sends the draft's fields with its revision; `read` fetches what is stored; `keep` shows it to others. */
export function useKeptEditing<T extends Kept>(doors: {
  write: (draft: T) => Promise<T>
  read: (id: string) => Promise<T>
  keep: (fresh: T) => void
}) {
  const draft = reactive<{ value: T | null }>({ value: null }) as { value: T | null }
  const state = ref<Saving>('clean') as Ref<Saving>
  const problem = shallowRef<unknown>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let quiet = false
  let writing: Promise<void> | null = null

  watch(
    () => draft.value,
    () => {
      if (quiet) return
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

  /** Takes up another one; what was typed into the last is written down first. */
  async function take(one: T | null): Promise<void> {
    if (state.value === 'dirty') await save()
    softly(() => (draft.value = one && (JSON.parse(JSON.stringify(toRaw(one))) as T)))
    state.value = 'clean'
    problem.value = null
  }

  async function save(): Promise<void> {
    clearTimeout(timer)
    // One after another: the next carries the revision that this one makes.
    await writing
    const mine = draft.value
    if (!mine || state.value === 'conflict') return
    state.value = 'saving'
    problem.value = null
    writing = write(JSON.parse(JSON.stringify(toRaw(mine))) as T).finally(() => (writing = null))
    await writing
  }

  async function write(mine: T): Promise<void> {
    try {
      const kept = await doors.write(mine)
      doors.keep(kept)
      if (draft.value?.id !== mine.id) return
      softly(() => (draft.value!.revision = kept.revision))
      if (state.value === 'saving') state.value = 'clean'
    } catch (error) {
      problem.value = error
      state.value = error instanceof AppProblem && error.code === 'conflict' ? 'conflict' : 'failed'
    }
  }

  /** After a conflict: mine over theirs, or theirs instead of mine. */
  async function settle(mine: boolean): Promise<void> {
    const held = draft.value
    if (!held) return
    const theirs = await doors.read(held.id)
    doors.keep(theirs)
    state.value = 'clean'
    if (!mine) return take(theirs)
    softly(() => (held.revision = theirs.revision))
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

  return { draft, state, problem, take, save, settle }
}

export function put<T extends { id: string }>(list: T[], fresh: T): T[] {
  return list.some((one) => one.id === fresh.id) ? list.map((one) => (one.id === fresh.id ? fresh : one)) : [...list, fresh]
}

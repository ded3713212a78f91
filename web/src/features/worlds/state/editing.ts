/**
 * One entry in the hand: written down a moment after the last key, on the revision it was taken up with. Where another
 * device changed other fields meanwhile, both stand; where it changed the same, both versions are shown.
 */
import { onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { AppProblem } from '@/api/http'
import { useSession } from '@/state/session'
import { useToasts } from '@/state/toasts'
import { differing } from '@/lore/entry'
import { dropEdit, keepEdit, keptEdit } from './keptEdits'
import type { Entry } from './listing'
import { filePatch } from './patches'
import type { World } from './world'

const QUIET_MS = 700

export type SaveState = 'clean' | 'dirty' | 'saving' | 'failed' | 'conflict'

export function useEntryEditing(world: World) {
  const { t } = useI18n()
  const toasts = useToasts()
  const userId = useSession().account?.id ?? ''
  const draft = shallowRef<Entry | null>(null)
  /** The entry as the server has it, as far as is known here. */
  const base = shallowRef<Entry | null>(null)
  const theirs = shallowRef<Entry | null>(null)
  const state = ref<SaveState>('clean')
  const problem = shallowRef<unknown>(null)
  const kept = ref(true)
  let timer: ReturnType<typeof setTimeout> | undefined
  let saving: Promise<void> | null = null

  // What was done to many may have been done to this one, too.
  watch(
    () => (base.value ? world.byId.value.get(base.value.id) : undefined),
    (now) => {
      const before = base.value
      if (!before || !draft.value || now === before) return
      if (!now) return close()
      if (state.value === 'saving' || state.value === 'conflict' || now.revision < before.revision) return
      draft.value = merged(before, draft.value, now)
      base.value = now
    },
  )

  async function open(id: string): Promise<void> {
    await leave()
    problem.value = null
    try {
      const fresh = await world.fetch(id)
      base.value = draft.value = fresh
      state.value = 'clean'
    } catch (error) {
      base.value = draft.value = null
      problem.value = error
      return
    }
    const found = keptEdit(userId, world.worldId, id)
    if (found) takeUp(found.base, found.draft)
  }

  /** An edit that an earlier visit left behind goes on. */
  function takeUp(from: Entry, to: Entry): void {
    const now = base.value!
    if (!clash(from, to, now)) return edit(merged(from, to, now))
    draft.value = to
    theirs.value = now
    base.value = from
    state.value = 'conflict'
  }

  function edit(next: Entry): void {
    draft.value = next
    if (state.value === 'conflict') return keep()
    state.value = 'dirty'
    keep()
    clearTimeout(timer)
    timer = setTimeout(() => void save(), QUIET_MS)
  }

  function keep(): void {
    if (!base.value || !draft.value) return
    kept.value = keepEdit(userId, world.worldId, { base: base.value, draft: draft.value, at: new Date().toISOString() })
  }

  async function save(): Promise<void> {
    clearTimeout(timer)
    await saving
    if (state.value !== 'dirty' && state.value !== 'failed') return
    saving = write().finally(() => {
      saving = null
    })
    await saving
  }

  async function write(): Promise<void> {
    const before = base.value!
    const sent = draft.value!
    const patch = filePatch(before, sent)
    if (!Object.keys(patch).length) return settled(before)
    state.value = 'saving'
    problem.value = null
    try {
      const fresh = await world.change(before, patch)
      remember(before, sent)
      base.value = fresh
      // Setting back to clean would forget what was typed while this was on its way.
      if (draft.value === sent) settled(fresh)
      else {
        draft.value = merged(sent, draft.value!, fresh)
        edit(draft.value)
      }
    } catch (error) {
      await refused(error, before)
    }
  }

  function settled(fresh: Entry): void {
    draft.value = fresh
    state.value = 'clean'
    kept.value = true
    dropEdit(userId, world.worldId, fresh.id)
  }

  async function refused(error: unknown, before: Entry): Promise<void> {
    problem.value = error
    state.value = 'failed'
    if (!(error instanceof AppProblem) || error.code !== 'conflict') return
    const now = await world.fetch(before.id).catch(() => null)
    if (!now) return
    problem.value = null
    if (clash(before, draft.value!, now)) {
      theirs.value = now
      state.value = 'conflict'
      return
    }
    draft.value = merged(before, draft.value!, now)
    base.value = now
    state.value = 'dirty'
    await write()
  }

  /** After a conflict: mine over theirs, or theirs instead of mine, which can be had back for ten seconds. */
  async function settle(mine: boolean): Promise<void> {
    const now = theirs.value!
    const [from, lost] = [base.value!, draft.value!]
    theirs.value = null
    if (!mine) {
      base.value = now
      settled(now)
      toasts.undoable(t('saving.took_there'), () => {
        if (draft.value?.id === lost.id) edit(merged(from, lost, draft.value))
      })
      return
    }
    draft.value = merged(base.value!, draft.value!, now)
    base.value = now
    state.value = 'dirty'
    await save()
  }

  function remember(before: Entry, after: Entry): void {
    const names = differing(before, after)
    const back = Object.fromEntries(names.map((name) => [name, before[name]])) as Partial<Entry>
    const forth = Object.fromEntries(names.map((name) => [name, after[name]])) as Partial<Entry>
    world.history.add({
      label: t('worlds.did_edit'),
      joins: `${before.id} ${names.join()}`,
      back: () => world.apply(new Map([[before.id, back]])),
      again: () => world.apply(new Map([[before.id, forth]])),
    })
  }

  /** Writes down what is unsaved; what cannot be written lies on the device. */
  async function leave(): Promise<void> {
    if (draft.value) await save()
  }

  function close(): void {
    clearTimeout(timer)
    base.value = draft.value = theirs.value = null
    state.value = 'clean'
    problem.value = null
  }

  const again = () => void save()

  function warn(event: BeforeUnloadEvent): void {
    if (state.value !== 'clean' && !kept.value) event.preventDefault()
  }

  window.addEventListener('online', again)
  window.addEventListener('beforeunload', warn)
  onBeforeUnmount(() => {
    window.removeEventListener('online', again)
    window.removeEventListener('beforeunload', warn)
    void leave()
  })

  return { draft, theirs, state, problem, kept, open, edit, save, settle, leave, close }
}

/** `now` with what was edited from `from` to `to`. */
export function merged(from: Entry, to: Entry, now: Entry): Entry {
  const mine = differing(fieldsOnly(from), fieldsOnly(to))
  return { ...now, ...Object.fromEntries(mine.map((name) => [name, to[name as keyof Entry]])) }
}

/** Whether the same field was changed here and there, to different ends. */
export function clash(from: Entry, to: Entry, now: Entry): boolean {
  const theirs = differing(fieldsOnly(from), fieldsOnly(now))
  const mine = differing(fieldsOnly(from), fieldsOnly(to))
  const apart = differing(fieldsOnly(to), fieldsOnly(now))
  return mine.some((name) => theirs.includes(name) && apart.includes(name))
}

/** Without what the server counts by itself. */
function fieldsOnly(entry: Entry): Entry {
  return { ...entry, revision: 0, length: 0 }
}

/**
 * A preset in the hand: written down when the hand rests, on the revision it was taken up with. Of its file only the
 * fields travel that were changed. A stale write is a conflict that shows both versions.
 */
import { computed, onBeforeUnmount, reactive, ref, shallowRef, toRaw, watch } from 'vue'
import { AppProblem } from '@/api/http'
import { presetsApi } from '@/api/presets'
import type { OpenPreset, Preset } from '@/api/schema'
import { useModels } from '@/state/models'
import { useSession } from '@/state/session'
import { dropChange, keepChange, keptChange, type Change } from './keptPreset'

const QUIET_MS = 700
const KEEP_MS = 200
const STEPS_MOST = 30
const PLAIN = ['samplers', 'main_prompt', 'post_history', 'continue_nudge', 'impersonation_prompt'] as const

export type SaveState = 'clean' | 'dirty' | 'saving' | 'failed' | 'conflict'

export function usePresetEditing() {
  const models = useModels()
  const userId = useSession().account?.id ?? ''
  const draft = reactive<{ value: OpenPreset | null }>({ value: null })
  const state = ref<SaveState>('clean')
  const problem = shallowRef<unknown>(null)
  /** The other version, while somebody has to choose. */
  const theirs = shallowRef<OpenPreset | null>(null)
  const loading = ref(false)
  /** How many steps can be taken back. */
  const steps = ref(0)
  const unsaved = computed(() => state.value !== 'clean')
  /** As the server has it. */
  let held: OpenPreset | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let keeping: ReturnType<typeof setTimeout> | undefined
  let saving: Promise<void> | null = null
  let quiet = false
  let asked = 0
  /** Versions that were saved before this one, of the preset in the hand. */
  let past: OpenPreset[] = []
  let goingBack = false

  watch(
    () => draft.value,
    () => {
      if (quiet || state.value === 'conflict') return
      state.value = 'dirty'
      keeping ??= setTimeout(keepHere, KEEP_MS)
      clearTimeout(timer)
      timer = setTimeout(save, QUIET_MS)
    },
    { deep: true, flush: 'sync' },
  )

  /** Takes up another preset; what was typed into the last one is written down first. */
  async function take(preset: Preset | null): Promise<void> {
    if (state.value === 'dirty') await save()
    const mine = ++asked
    problem.value = theirs.value = null
    if (!preset) return show(null)
    loading.value = true
    try {
      const fresh = preset.kind === 'plain' ? { ...preset, file: {} } : await presetsApi.get(preset.id)
      if (mine !== asked) return
      show(fresh)
      takeUp(fresh)
    } catch (error) {
      if (mine === asked) problem.value = error
    } finally {
      if (mine === asked) loading.value = false
    }
  }

  function show(preset: OpenPreset | null): void {
    quiet = true
    held = preset && copy(preset)
    draft.value = preset && copy(preset)
    quiet = false
    state.value = 'clean'
    past = []
    steps.value = 0
  }

  /** Goes on with what an earlier visit left unsaved. */
  function takeUp(fresh: OpenPreset): void {
    const kept = keptChange(userId, fresh.id)
    if (!kept || !draft.value) return
    // The server had it after all: only its answer came too late.
    if (!Object.keys(difference(fresh, changed(fresh, kept.change))).length) return dropChange(userId, fresh.id)
    quiet = kept.revision !== fresh.revision
    Object.assign(draft.value, changed(fresh, kept.change))
    if (quiet) {
      theirs.value = fresh
      state.value = 'conflict'
    }
    quiet = false
  }

  function keepHere(): void {
    clearTimeout(keeping)
    keeping = undefined
    if (!unsaved.value || !draft.value || !held) return
    keepChange(userId, held.id, { revision: held.revision, change: difference(held, draft.value) })
  }

  async function save(): Promise<void> {
    clearTimeout(timer)
    await saving
    if ((state.value !== 'dirty' && state.value !== 'failed') || !draft.value?.name.trim()) return
    saving = write().finally(() => {
      saving = null
    })
    await saving
  }

  async function write(): Promise<void> {
    const sent = copy(draft.value!)
    const change = difference(held!, sent)
    state.value = 'saving'
    problem.value = null
    try {
      const kept = await presetsApi.change(sent.id, { revision: held!.revision, ...change })
      models.keepPreset(kept)
      dropChange(userId, sent.id)
      if (held?.id !== sent.id) return
      if (!goingBack) past = [...past, held].slice(-STEPS_MOST)
      goingBack = false
      steps.value = past.length
      held = { ...sent, ...kept }
      if ((state.value as SaveState) === 'saving') state.value = 'clean'
    } catch (error) {
      keepHere()
      problem.value = error
      state.value = 'failed'
      if (!(error instanceof AppProblem) || error.code !== 'conflict') return
      theirs.value = await presetsApi.get(sent.id).catch(() => null)
      if (theirs.value) state.value = 'conflict'
    }
  }

  /** Mine is written over theirs, on the revision just seen. */
  async function keepMine(): Promise<void> {
    held = theirs.value && copy(theirs.value)
    theirs.value = null
    state.value = 'dirty'
    await save()
  }

  function keepTheirs(): void {
    if (!theirs.value) return
    dropChange(userId, theirs.value.id)
    models.keepPreset(listed(theirs.value))
    show(theirs.value)
    theirs.value = problem.value = null
  }

  /** Takes back what was saved last. */
  async function undo(): Promise<void> {
    await save()
    const before = past.at(-1)
    if (!before || !held || state.value !== 'clean') return
    past = past.slice(0, -1)
    goingBack = true
    draft.value = copy({ ...before, kind: held.kind, folds: held.folds, revision: held.revision })
    await save()
  }

  /** Opens a plain preset in full, or folds it again. */
  async function turn(kind: 'plain' | 'chat'): Promise<void> {
    await save()
    if (!held || state.value !== 'clean') return
    const kept = await presetsApi.change(held.id, { revision: held.revision, kind })
    models.keepPreset(kept)
    await take(kept)
  }

  const again = () => void save()

  window.addEventListener('pagehide', keepHere)
  window.addEventListener('online', again)
  onBeforeUnmount(() => {
    window.removeEventListener('pagehide', keepHere)
    window.removeEventListener('online', again)
    keepHere()
    void save()
  })

  return { draft, state, problem, theirs, loading, steps, take, save, undo, keepMine, keepTheirs, turn }
}

/** What has to be sent so that `before` becomes `after`. */
export function difference(before: OpenPreset, after: OpenPreset): Change {
  const change: Change = {}
  if (after.name.trim() && after.name.trim() !== before.name) change.name = after.name.trim()
  if (after.kind === 'plain') {
    for (const name of PLAIN) if (!same(before[name], after[name])) Object.assign(change, { [name]: after[name] })
    return change
  }
  const fields = Object.entries(after.file).filter(([name, value]) => value !== undefined && !same(before.file[name], value))
  if (fields.length) change.fields = Object.fromEntries(fields)
  const without = Object.keys(before.file).filter((name) => after.file[name] === undefined)
  if (without.length) change.without = without
  return change
}

export function changed(preset: OpenPreset, change: Change): OpenPreset {
  const { fields, without, ...rest } = change
  const file = { ...preset.file, ...fields }
  for (const name of without ?? []) delete file[name]
  return copy({ ...preset, ...(rest as Partial<OpenPreset>), file })
}

function listed(preset: OpenPreset): Preset {
  const rest: Partial<OpenPreset> = { ...preset }
  delete rest.file
  return rest as Preset
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(toRaw(value))) as T
}

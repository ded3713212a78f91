/** A preset in the hand: written down when the hand rests, on the revision it was taken up with. */
import { onBeforeUnmount, reactive, ref, shallowRef, toRaw, watch } from 'vue'
import { AppProblem } from '@/api/http'
import { presetsApi } from '@/api/presets'
import type { Preset } from '@/api/schema'
import { useModels } from '@/state/models'

const QUIET_MS = 700

export function usePresetEditing() {
  const models = useModels()
  const draft = reactive<{ value: Preset | null }>({ value: null })
  const state = ref<'clean' | 'dirty' | 'saving' | 'failed' | 'conflict'>('clean')
  const problem = shallowRef<unknown>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let quiet = false

  watch(
    () => draft.value,
    () => {
      if (quiet) return
      state.value = 'dirty'
      clearTimeout(timer)
      timer = setTimeout(save, QUIET_MS)
    },
    { deep: true, flush: 'sync' },
  )

  /** Takes up another preset; what was typed into the last one is written down first. */
  async function take(preset: Preset | null): Promise<void> {
    if (state.value === 'dirty') await save()
    quiet = true
    draft.value = preset && (JSON.parse(JSON.stringify(toRaw(preset))) as Preset)
    quiet = false
    state.value = 'clean'
    problem.value = null
  }

  async function save(): Promise<void> {
    clearTimeout(timer)
    const mine = draft.value
    if (!mine || !mine.name.trim()) return
    state.value = 'saving'
    problem.value = null
    const { id, revision, name, samplers, main_prompt, post_history, continue_nudge, impersonation_prompt } = toRaw(mine)
    try {
      const kept = await presetsApi.change(id, {
        revision,
        name: name.trim(),
        samplers,
        main_prompt,
        post_history,
        continue_nudge,
        impersonation_prompt,
      })
      models.keepPreset(kept)
      if (draft.value?.id !== id) return
      quiet = true
      draft.value.revision = kept.revision
      quiet = false
      if ((state.value as string) === 'saving') state.value = 'clean'
    } catch (error) {
      problem.value = error
      state.value = error instanceof AppProblem && error.code === 'conflict' ? 'conflict' : 'failed'
    }
  }

  /** After a conflict: mine over theirs, or theirs instead of mine. */
  async function settle(mine: boolean): Promise<void> {
    await models.loadPresets()
    const theirs = models.presets.find((one) => one.id === draft.value?.id)
    if (!theirs || !draft.value) return
    if (!mine) return take(theirs)
    quiet = true
    draft.value.revision = theirs.revision
    quiet = false
    await save()
  }

  onBeforeUnmount(() => {
    if (state.value === 'dirty') void save()
  })

  return { draft, state, problem, take, save, settle }
}

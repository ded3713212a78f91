/**
 * Editing a card: written down a moment after the last key, each time with the revision it was made on.
 * A stale write is a conflict that shows both versions; nothing typed is thrown away before somebody chose.
 * What the server does not have yet is kept on the device, and offered when the page is opened again.
 */
import { computed, onBeforeUnmount, reactive, ref, shallowRef, toRaw, watch } from 'vue'
import { charactersApi } from '@/api/characters'
import { AppProblem } from '@/api/http'
import type { CardData, Character } from '@/api/schema'
import { useSession } from '@/state/session'
import { dropDraft, keepDraft, keptDraft, type KeptDraft } from './keptDraft'
import { useShelf } from './shelf'

const QUIET_MS = 900
const KEEP_MS = 200

export type SaveState = 'clean' | 'dirty' | 'saving' | 'failed' | 'conflict'

export interface Draft {
  data: CardData
  tags: string[]
  allow_outside_media: boolean
}

export function useEditing(characterId: string) {
  const shelf = useShelf()
  const character = shallowRef<Character | null>(null)
  const theirs = shallowRef<Character | null>(null)
  const draft = reactive<{ value: Draft | null }>({ value: null })
  const state = ref<SaveState>('clean')
  const problem = shallowRef<unknown>(null)
  /** A draft of an earlier visit that the server never got. */
  const offered = shallowRef<KeptDraft | null>(null)
  /** Whether what is unsaved lies on the device. */
  const kept = ref(true)
  const unsaved = computed(() => state.value !== 'clean')
  const userId = useSession().account?.id ?? ''
  let timer: ReturnType<typeof setTimeout> | undefined
  let keeping: ReturnType<typeof setTimeout> | undefined
  let saving: Promise<void> | null = null
  let quiet = false

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

  async function load(): Promise<void> {
    problem.value = null
    try {
      take(await charactersApi.get(characterId))
    } catch (error) {
      problem.value = error
      return
    }
    const found = keptDraft(userId, characterId)
    if (found && JSON.stringify(found.draft) !== JSON.stringify(draft.value)) offered.value = found
    else dropDraft(userId, characterId)
  }

  /** Goes on with the draft of an earlier visit; where the character was changed since, both are shown. */
  function takeUp(): void {
    const { draft: found, revision } = offered.value!
    offered.value = null
    if (revision === character.value!.revision) {
      draft.value = copy(found)
      return
    }
    quiet = true
    draft.value = copy(found)
    quiet = false
    theirs.value = character.value
    state.value = 'conflict'
  }

  function putAside(): void {
    offered.value = null
    dropDraft(userId, characterId)
  }

  function keepHere(): void {
    clearTimeout(keeping)
    keeping = undefined
    if (!unsaved.value || !draft.value || !character.value) return
    const { revision } = character.value
    kept.value = keepDraft(userId, characterId, { revision, at: new Date().toISOString(), draft: draft.value })
  }

  function settled(): void {
    clearTimeout(keeping)
    keeping = undefined
    state.value = 'clean'
    kept.value = true
    dropDraft(userId, characterId)
  }

  /** Shows a version as the one that is edited; what was typed meanwhile is gone. */
  function take(fresh: Character): void {
    keep(fresh)
    quiet = true
    draft.value = draftOf(fresh)
    quiet = false
    state.value = 'clean'
    theirs.value = null
  }

  function keep(fresh: Character): void {
    character.value = fresh
    shelf.show(fresh)
  }

  /** Writes down what is typed; while one write runs, the next waits for it. */
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
    const sent = copy(draft.value!)
    state.value = 'saving'
    problem.value = null
    try {
      keep(await charactersApi.change(characterId, { revision: character.value!.revision, ...sent, data: withTags(sent) }))
      // Setting back to clean would forget what was typed while this was on its way.
      if ((state.value as SaveState) === 'saving') settled()
    } catch (error) {
      await refused(error)
    }
  }

  async function refused(error: unknown): Promise<void> {
    problem.value = error
    state.value = 'failed'
    if (!(error instanceof AppProblem) || error.code !== 'conflict') return
    theirs.value = await charactersApi.get(characterId).catch(() => null)
    if (theirs.value) state.value = 'conflict'
  }

  /** Mine is written over theirs, on the revision just seen. */
  async function keepMine(): Promise<void> {
    character.value = theirs.value
    theirs.value = null
    state.value = 'dirty'
    await save()
  }

  function keepTheirs(): void {
    if (!theirs.value) return
    take(theirs.value)
    settled()
  }

  function warn(event: BeforeUnloadEvent): void {
    keepHere()
    if (unsaved.value && !kept.value) event.preventDefault()
  }

  const again = () => void save()

  window.addEventListener('beforeunload', warn)
  window.addEventListener('pagehide', keepHere)
  window.addEventListener('online', again)
  onBeforeUnmount(() => {
    window.removeEventListener('beforeunload', warn)
    window.removeEventListener('pagehide', keepHere)
    window.removeEventListener('online', again)
    keepHere()
    clearTimeout(timer)
  })

  return {
    character,
    draft,
    state,
    problem,
    theirs,
    offered,
    kept,
    load,
    save,
    keepMine,
    keepTheirs,
    takeUp,
    putAside,
  }
}

export function draftOf(character: Character): Draft {
  return copy({
    data: character.card.data,
    tags: character.tags,
    allow_outside_media: character.allow_outside_media,
  })
}

/** The library's tags travel in the card, too. */
function withTags(draft: Draft): CardData {
  return { ...draft.data, tags: draft.tags }
}

function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(toRaw(value))) as T
}

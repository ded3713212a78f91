/** A search over messages: what is found, page by page, and how far the index is. The newest question wins. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { charactersApi } from '@/api/characters'
import type { CharacterSummary, FoundMessage, SearchIndex } from '@/api/schema'
import { searchApi } from '@/api/search'

const WAIT_MS = 180
const LOOK_AGAIN_MS = 1500

export interface Question {
  q: string
  characterId?: string | null
  /** ISO time. */
  since?: string | null
  limit?: number
}

export type Face = Pick<CharacterSummary, 'id' | 'name' | 'picture'>

export function useFindings(question: Ref<Question>) {
  const items = shallowRef<FoundMessage[]>([])
  const faces = shallowRef(new Map<string, Face>())
  const index = shallowRef<SearchIndex | null>(null)
  const next = ref<string | null>(null)
  const loading = ref(false)
  const problem = shallowRef<unknown>(null)
  /** What the items answer. */
  const answered = ref('')
  const asked = computed(() => question.value.q.trim())
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking: AbortController | null = null

  async function ask(cursor: string | null = null): Promise<void> {
    asking?.abort()
    const mine = (asking = new AbortController())
    const { characterId, since, limit } = question.value
    loading.value = true
    problem.value = null
    try {
      const query = { q: asked.value, character_id: characterId, since, limit, cursor }
      const found = await searchApi.messages(query, mine.signal)
      if (mine.signal.aborted) return
      items.value = cursor ? [...items.value, ...found.items] : found.items
      next.value = found.next
      index.value = found.index
      answered.value = query.q
      meet(found.items)
      // Old messages are still being taken in: what is there by now is shown, as long as nobody reads further.
      if (found.index.state === 'building' && !cursor) timer = setTimeout(() => void ask(), LOOK_AGAIN_MS)
    } catch (error) {
      if (!mine.signal.aborted) problem.value = error
    } finally {
      if (asking === mine) loading.value = false
    }
  }

  function meet(found: FoundMessage[]): void {
    const strangers = [...new Set(found.map((one) => one.character_id))].filter((id) => !faces.value.has(id)).slice(0, 100)
    if (!strangers.length) return
    charactersApi.some(strangers).then(
      (page) => (faces.value = new Map([...faces.value, ...page.items.map((one) => [one.id, one] as const)])),
      () => {}, // without faces the findings are still findings
    )
  }

  watch(
    question,
    () => {
      clearTimeout(timer)
      if (asked.value) {
        loading.value = true
        timer = setTimeout(() => void ask(), WAIT_MS)
        return
      }
      asking?.abort()
      items.value = []
      answered.value = ''
      next.value = null
      loading.value = false
    },
    { deep: true, immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    asking?.abort()
  })

  const more = async () => {
    clearTimeout(timer)
    if (next.value && !loading.value) await ask(next.value)
  }
  return { items, faces, index, next, loading, problem, answered, more, again: () => ask() }
}

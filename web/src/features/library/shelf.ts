/** The characters on the wall: pages as they are scrolled to, searched and filtered; kept while one is looked at. */
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { charactersApi, type CharacterFilter } from '@/api/characters'
import type { CharacterSummary, TagCount } from '@/api/schema'

const PAGE = 60
const TYPING_MS = 160

export const useShelf = defineStore('shelf', () => {
  const filter = reactive<CharacterFilter>({ sort: 'recent', search: '', tag: null, favourite: null, trash: false })
  const items = shallowRef<CharacterSummary[]>([])
  const tags = shallowRef<TagCount[]>([])
  const next = ref<string | null>(null)
  const loaded = ref(false)
  const loading = ref(false)
  const problem = shallowRef<unknown>(null)
  const narrowed = computed(() => !!(filter.search || filter.tag || filter.favourite || filter.trash))
  let asking: AbortController | null = null
  let typing: ReturnType<typeof setTimeout> | undefined

  watch(
    () => filter.search,
    () => {
      clearTimeout(typing)
      typing = setTimeout(reload, TYPING_MS)
    },
  )
  watch([() => filter.sort, () => filter.tag, () => filter.favourite, () => filter.trash], () => void reload())

  /** The first page anew; what an older question still brings is dropped. */
  async function reload(): Promise<void> {
    clearTimeout(typing)
    await fetchPage(null)
  }

  async function more(): Promise<void> {
    if (loading.value || next.value === null) return
    await fetchPage(next.value)
  }

  async function fetchPage(cursor: string | null): Promise<void> {
    asking?.abort()
    const mine = (asking = new AbortController())
    loading.value = true
    problem.value = null
    try {
      const page = await charactersApi.list({ ...filter, search: filter.search.trim() }, cursor, PAGE, mine.signal)
      if (asking !== mine) return
      const known = new Set(cursor ? items.value.map((one) => one.id) : [])
      items.value = cursor ? [...items.value, ...page.items.filter((one) => !known.has(one.id))] : page.items
      next.value = page.next
      loaded.value = true
    } catch (error) {
      if (asking === mine && !mine.signal.aborted) problem.value = error
    } finally {
      if (asking === mine) loading.value = false
    }
  }

  async function loadTags(): Promise<void> {
    tags.value = await charactersApi.tags().catch(() => tags.value)
  }

  /** Shows a changed character where it stands. */
  function show(changed: CharacterSummary): void {
    items.value = items.value.map((one) => (one.id === changed.id ? { ...one, ...summaryOf(changed) } : one))
  }

  function drop(ids: Iterable<string>): void {
    const gone = new Set(ids)
    items.value = items.value.filter((one) => !gone.has(one.id))
  }

  /** A chat, an import or a restore changed the order. */
  function stale(): void {
    loaded.value = false
  }

  return { filter, items, tags, next, loaded, loading, problem, narrowed, reload, more, loadTags, show, drop, stale }
})

/** A whole character without its card, which the wall does not show. */
function summaryOf(one: CharacterSummary): CharacterSummary {
  const { id, name, tagline, tags, favourite, picture, created_at, updated_at, last_used_at, deleted_at, revision } = one
  return { id, name, tagline, tags, favourite, picture, created_at, updated_at, last_used_at, deleted_at, revision }
}

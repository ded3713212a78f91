/** Characters and chats by their names, for the palette. The newest question wins. */
import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { charactersApi } from '@/api/characters'
import type { CharacterSummary, FoundChat } from '@/api/schema'
import { searchApi } from '@/api/search'

const WAIT_MS = 120
const SHOWN = 6

export interface Names {
  characters: CharacterSummary[]
  chats: FoundChat[]
}

const NOBODY: Names = { characters: [], chats: [] }

export function useNames(q: Ref<string>): Ref<Names> {
  const names = shallowRef<Names>(NOBODY)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking: AbortController | null = null

  async function ask(): Promise<void> {
    asking?.abort()
    const mine = (asking = new AbortController())
    const text = q.value.trim()
    const filter = { sort: 'recent' as const, search: text, tag: null, favourite: null, trash: false }
    const [characters, chats] = await Promise.allSettled([
      charactersApi.list(filter, null, SHOWN, mine.signal),
      text ? searchApi.chats(text, mine.signal) : [],
    ])
    if (mine.signal.aborted) return
    names.value = {
      characters: characters.status === 'fulfilled' ? characters.value.items : [],
      chats: chats.status === 'fulfilled' ? chats.value.slice(0, SHOWN) : [],
    }
  }

  watch(
    q,
    () => {
      clearTimeout(timer)
      timer = setTimeout(() => void ask(), WAIT_MS)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    asking?.abort()
  })
  return names
}

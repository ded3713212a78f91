/** The list of chats, newest first, of everybody or of one character. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { charactersApi } from '@/api/characters'
import { chatsApi } from '@/api/chats'
import { groupsApi } from '@/api/groups'
import type { CharacterSummary, ChatSummary, Group } from '@/api/schema'

const PAGE = 40

export const useChatShelf = defineStore('chat-shelf', () => {
  const chats = shallowRef<ChatSummary[]>([])
  const characters = shallowRef(new Map<string, Pick<CharacterSummary, 'id' | 'name' | 'picture'>>())
  const groups = shallowRef(new Map<string, Group>())
  const characterId = ref<string | null>(null)
  const cursor = ref<string | null>(null)
  const loading = ref(false)
  const loaded = ref(false)
  const problem = shallowRef<unknown>(null)
  const asked = new Set<string>()
  let askedGroups: Promise<void> | null = null

  async function load(ofCharacter: string | null = characterId.value): Promise<void> {
    if (ofCharacter !== characterId.value) chats.value = []
    characterId.value = ofCharacter
    loading.value = true
    problem.value = null
    try {
      const page = await chatsApi.list({ character_id: ofCharacter, limit: PAGE })
      if (characterId.value !== ofCharacter) return
      chats.value = page.items
      cursor.value = page.next
      loaded.value = true
      meet(page.items)
    } catch (error) {
      problem.value = error
    } finally {
      loading.value = false
    }
  }

  /** The newest chats again, over what is shown: quietly, a failure leaves the list as it is. */
  async function refresh(): Promise<void> {
    if (!loaded.value) return
    const of = characterId.value
    try {
      const { items } = await chatsApi.list({ character_id: of, limit: 10 })
      if (of !== characterId.value) return
      const fresh = new Set(items.map((one) => one.id))
      chats.value = [...items, ...chats.value.filter((one) => !fresh.has(one.id))]
      meet(items)
    } catch {
      // Seen again with the next reply, or when the list is opened.
    }
  }

  async function more(): Promise<void> {
    if (!cursor.value || loading.value) return
    loading.value = true
    try {
      const page = await chatsApi.list({ character_id: characterId.value, limit: PAGE, cursor: cursor.value })
      const have = new Set(chats.value.map((one) => one.id))
      chats.value = [...chats.value, ...page.items.filter((one) => !have.has(one.id))]
      cursor.value = page.next
      meet(page.items)
    } catch (error) {
      problem.value = error
    } finally {
      loading.value = false
    }
  }

  /** Names and faces of those who speak in these chats: one request, and each is asked for once. */
  function meet(some: ChatSummary[]): void {
    if (some.some((one) => one.group_id && !groups.value.has(one.group_id))) meetGroups()
    const members = [...groups.value.values()].flatMap((one) => one.members.slice(0, 4).flatMap((member) => member.character_id ?? []))
    const known = some.map((one) => one.character_id).filter((id) => id)
    const strangers = [...new Set([...known, ...members])].filter((id) => !asked.has(id)).slice(0, 100)
    if (strangers.length === 0) return
    for (const id of strangers) asked.add(id)
    charactersApi.some(strangers).then(
      ({ items }) => (characters.value = new Map([...characters.value, ...items.map((one) => [one.id, one] as const)])),
      () => strangers.forEach((id) => asked.delete(id)),
    )
  }

  /** Names and faces of groups: there are few. */
  function meetGroups(): void {
    askedGroups ??= groupsApi.list().then(
      (all) => {
        groups.value = new Map(all.map((one) => [one.id, one]))
        meet(chats.value)
      },
      () => {},
    )
    void askedGroups.finally(() => (askedGroups = null))
  }

  /** Who a chat is with: a name, and a picture or several. */
  function faceOf(chat: ChatSummary) {
    const group = chat.group_id ? groups.value.get(chat.group_id) : undefined
    const one = characters.value.get(chat.character_id)
    const faces = (group?.members ?? []).flatMap((member) => characters.value.get(member.character_id ?? '') ?? [])
    return { name: group?.name ?? one?.name ?? chat.title, picture: group?.picture ?? one?.picture ?? null, faces }
  }

  function show(chat: ChatSummary): void {
    chats.value = [chat, ...chats.value.filter((one) => one.id !== chat.id)]
    meet([chat])
  }

  function drop(id: string): void {
    chats.value = chats.value.filter((one) => one.id !== id)
  }

  return { chats, characters, faceOf, characterId, cursor, loading, loaded, problem, load, refresh, more, show, drop }
})

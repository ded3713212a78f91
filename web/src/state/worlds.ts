/** All worlds of a person, kept while the page is open. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { WorldSettingsChange, WorldSummary } from '@/api/schema'
import { worldsApi } from '@/api/worlds'
import { useSession } from './session'

export const useWorlds = defineStore('worlds', () => {
  const all = shallowRef<WorldSummary[]>([])
  const loaded = ref(false)
  let loading: Promise<void> | null = null

  function load(): Promise<void> {
    loading ??= read().finally(() => {
      loading = null
    })
    return loading
  }

  async function read(): Promise<void> {
    const found: WorldSummary[] = []
    let cursor: string | null = null
    do {
      const page: { items: WorldSummary[]; next: string | null } = await worldsApi.list(cursor)
      found.push(...page.items)
      cursor = page.next
    } while (cursor)
    all.value = found
    loaded.value = true
  }

  function keep(world: WorldSummary): void {
    const known = all.value.some((one) => one.id === world.id)
    all.value = known ? all.value.map((one) => (one.id === world.id ? world : one)) : [...all.value, world]
  }

  function drop(id: string): void {
    all.value = all.value.filter((one) => one.id !== id)
  }

  /** The worlds that are there in every chat, in their order: shown at once, taken back when it fails. */
  async function chooseEverywhere(ids: readonly string[]): Promise<void> {
    const choices = useSession().choices!
    const before = choices.world_ids
    choices.world_ids = [...ids]
    try {
      choices.world_ids = (await worldsApi.chooseEverywhere(ids)).world_ids
    } catch (problem) {
      choices.world_ids = before
      throw problem
    }
  }

  /** How worlds are scanned, in all chats. */
  async function scan(change: WorldSettingsChange): Promise<void> {
    useSession().choices!.world_settings = await worldsApi.settings(change)
  }

  return { all, loaded, load, keep, drop, chooseEverywhere, scan }
})

/** All worlds of a person, kept while the page is open. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { WorldSummary } from '@/api/schema'
import { worldsApi } from '@/api/worlds'

export const useWorlds = defineStore('worlds', () => {
  const all = shallowRef<WorldSummary[]>([])
  const loaded = ref(false)
  const names = computed(() => new Map(all.value.map((one) => [one.id, one.name])))
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

  return { all, loaded, names, load, keep, drop }
})

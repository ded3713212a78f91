/** Sets of quick replies, shared by the composer and the page that edits them. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { quickRepliesApi } from '@/api/quickReplies'
import type { QuickSet } from '@/api/schema'
import { put } from './keptEditing'
import { usePartings } from './partings'

export const useQuickSets = defineStore('quickSets', () => {
  const partings = usePartings()
  const all = shallowRef<QuickSet[]>([])
  const loaded = ref(false)
  const sets = computed(() => all.value.filter((one) => !partings.gone.has(one.id)))

  async function load(): Promise<void> {
    all.value = await quickRepliesApi.list()
    loaded.value = true
  }

  function keep(fresh: QuickSet): void {
    all.value = put(all.value, fresh)
  }

  return { sets, loaded, load, keep }
})

/** Files on their way into the worlds, one after the other. */
import { defineStore } from 'pinia'
import { worldsApi } from '@/api/worlds'
import { arriving } from '@/state/arriving'
import { useWorlds } from '@/state/worlds'

export const WORLD_FILES = '.json,.lorebook'

export const useWorldArrivals = defineStore('world-arrivals', () =>
  arriving({
    atOnce: 1,
    purpose: 'world',
    typeOf: () => 'application/octet-stream',
    take: worldsApi.import,
    took: async (lines) => {
      for (const { id } of lines) if (id) useWorlds().keep(await worldsApi.get(id))
    },
  }),
)

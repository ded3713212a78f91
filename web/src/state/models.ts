/** Connections and presets, shared by the settings and the chat. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { connectionsApi } from '@/api/connections'
import { presetsApi } from '@/api/presets'
import type { Connection, Preset } from '@/api/schema'
import { usePartings } from './partings'
import { useSession } from './session'

export const useModels = defineStore('models', () => {
  const session = useSession()
  const partings = usePartings()
  const allConnections = shallowRef<Connection[]>([])
  const allPresets = shallowRef<Preset[]>([])
  const loaded = ref({ connections: false, presets: false })
  const connections = computed(() => allConnections.value.filter((one) => !partings.gone.has(one.id)))
  const presets = computed(() => allPresets.value.filter((one) => !partings.gone.has(one.id)))

  /** What answers: the chosen connection, else the first (the demo). */
  const connection = computed(
    () => connections.value.find((one) => one.id === session.choices?.connection_id) ?? connections.value[0] ?? null,
  )
  const preset = computed(() => presetInUse(presets.value, session.choices?.preset_id))

  async function loadConnections(): Promise<void> {
    allConnections.value = await connectionsApi.list()
    loaded.value.connections = true
  }

  async function loadPresets(): Promise<void> {
    allPresets.value = await presetsApi.list()
    loaded.value.presets = true
  }

  function keepConnection(fresh: Connection): void {
    allConnections.value = put(allConnections.value, fresh)
  }

  function keepPreset(fresh: Preset): void {
    allPresets.value = put(allPresets.value, fresh)
  }

  return {
    connections,
    presets,
    connection,
    preset,
    loaded,
    loadConnections,
    loadPresets,
    keepConnection,
    keepPreset,
  }
})

/** The preset that is used: the chosen one, else the one everybody starts with, as the server has it. */
export function presetInUse(presets: Preset[], chosen: string | null | undefined): Preset | null {
  return [chosen, 'balanced'].map((id) => presets.find((one) => one.id === id)).find(Boolean) ?? presets[0] ?? null
}

function put<T extends { id: string }>(list: T[], fresh: T): T[] {
  return list.some((one) => one.id === fresh.id) ? list.map((one) => (one.id === fresh.id ? fresh : one)) : [...list, fresh]
}

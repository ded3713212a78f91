import { http } from './http'
import type { NewPreset, Page, Preset, PresetChange } from './schema'

export const presetsApi = {
  list: () => http.get<Page<Preset> | Preset[]>('/presets', { query: { limit: 100 } }).then((answer) => (Array.isArray(answer) ? answer : answer.items)),
  create: (body: NewPreset) => http.post<Preset>('/presets', { body }),
  change: (id: string, body: PresetChange) => http.patch<Preset>(`/presets/${id}`, { body }),
  delete: (id: string) => http.delete(`/presets/${id}`),
}

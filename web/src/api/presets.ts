import { every } from './every'
import { http } from './http'
import type {
  ImportedPreset,
  NewPreset,
  OpenPreset,
  Preset,
  PresetChange,
  PresetDownload,
  TextsToCount,
  TokenCounts,
} from './schema'

export const presetsApi = {
  /** All of them, without their files. */
  list: () => every<Preset>('/presets'),
  get: (id: string) => http.get<OpenPreset>(`/presets/${id}`),
  create: (body: NewPreset) => http.post<Preset>('/presets', { body }),
  change: (id: string, body: PresetChange) => http.patch<Preset>(`/presets/${id}`, { body }),
  copy: (id: string, name: string) => http.post<Preset>(`/presets/${id}/copy`, { body: { name } }),
  /** `there`: what becomes of it where a preset of its kind and name is there already. */
  import: (file: File, there: 'tell' | 'add' | 'replace' = 'tell') =>
    http.post<ImportedPreset>('/presets/import', {
      raw: new Blob([file], { type: 'application/json' }),
      query: { filename: file.name, there },
    }),
  export: (id: string) => http.post<PresetDownload>(`/presets/${id}/export`),
  tokens: (body: TextsToCount) => http.post<TokenCounts>('/presets/tokens', { body }),
  delete: (id: string) => http.delete(`/presets/${id}`),
}

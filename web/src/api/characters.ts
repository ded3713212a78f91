import { http } from './http'
import type {
  Character,
  CharacterChange,
  CharacterSummary,
  Download,
  ImportedCharacter,
  Job,
  NewCharacter,
  Page,
  TagCount,
} from './schema'

export interface CharacterFilter {
  sort: 'name' | 'recent' | 'created'
  search: string
  tag: string | null
  favourite: boolean | null
  trash: boolean
}

export const charactersApi = {
  list: (filter: CharacterFilter, cursor: string | null, limit: number, signal?: AbortSignal) =>
    http.get<Page<CharacterSummary>>('/characters', { query: { ...filter, cursor, limit }, signal }),
  /** Up to a hundred, by their ids; one that is not there is left out. */
  some: (ids: readonly string[]) => http.get<Page<CharacterSummary>>('/characters', { query: { ids: ids.join(',') } }),
  tags: () => http.get<TagCount[]>('/characters/tags'),
  get: (id: string) => http.get<Character>(`/characters/${id}`),
  create: (body: NewCharacter) => http.post<Character>('/characters', { body }),
  import: (file: File) =>
    http.post<ImportedCharacter | Job>('/characters/import', {
      raw: new Blob([file], { type: 'application/octet-stream' }),
      query: { filename: file.name },
    }),
  change: (id: string, body: CharacterChange) => http.patch<Character>(`/characters/${id}`, { body }),
  setAvatar: (id: string, file: Blob) => http.put<CharacterSummary>(`/characters/${id}/avatar`, { raw: file }),
  trash: (id: string) => http.delete(`/characters/${id}`),
  restore: (id: string) => http.post<unknown>(`/characters/${id}/restore`),
  deleteForever: (id: string) => http.delete(`/characters/${id}/forever`),
  export: (id: string, format: 'png' | 'json' | 'charx') =>
    http.post<Download>(`/characters/${id}/export`, { query: { format } }),
}

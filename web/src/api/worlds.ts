import { http } from './http'
import type {
  Book,
  BulkChange,
  BulkChanged,
  Download,
  ImportedWorld,
  Page,
  StoredEntry,
  WorldLinks,
  WorldSettings,
  WorldSettingsChange,
  WorldsOfChat,
  WorldSummary,
  WorldTrial,
  WorldTried,
  WorldUse,
} from './schema'

const entryPath = (worldId: string, uid: number) => `/worlds/${worldId}/entries/${uid}`

export const worldsApi = {
  list: (cursor: string | null = null, trash = false) => http.get<Page<WorldSummary>>('/worlds', { query: { cursor, trash, limit: 100 } }),
  get: (id: string) => http.get<WorldSummary>(`/worlds/${id}`),
  create: (name: string) => http.post<WorldSummary>('/worlds', { body: { name } }),
  import: (file: File) =>
    http.post<ImportedWorld>('/worlds/import', {
      raw: new Blob([file], { type: 'application/octet-stream' }),
      query: { filename: file.name },
    }),
  rename: (id: string, name: string) => http.patch<WorldSummary>(`/worlds/${id}`, { body: { name } }),
  copy: (id: string, name: string) => http.post<WorldSummary>(`/worlds/${id}/copy`, { body: { name } }),
  export: (id: string) => http.post<Download>(`/worlds/${id}/export`),
  trash: (id: string) => http.delete(`/worlds/${id}`),
  restore: (id: string) => http.post<WorldSummary>(`/worlds/${id}/restore`),
  tryOut: (body: WorldTrial) => http.post<WorldTried>('/worlds/try', { body }),
  settings: (change: WorldSettingsChange) => http.patch<WorldSettings>('/worlds/settings', { body: change }),
  chooseEverywhere: (worldIds: readonly string[]) => http.put<WorldLinks>('/worlds/everywhere', { body: { world_ids: worldIds } }),
  /** The card's book as a world of its own, the character's first from then on. */
  ofBook: (characterId: string) => http.post<WorldSummary>(`/characters/${characterId}/book/world`),
  /** The world as a book that travels inside a card. */
  asBook: (id: string) => http.get<Book>(`/worlds/${id}/book`),
  /** Every character, chat and persona that has worlds. */
  uses: () => http.get<WorldUse[]>('/worlds/uses'),
  /** A light entry has its content cut and the usual values left out. */
  entries: (id: string, cursor: string | null, light: boolean) =>
    http.get<Page<StoredEntry>>(`/worlds/${id}/entries`, { query: { cursor, light, limit: light ? 1000 : 300 } }),
  entry: (id: string, uid: number) => http.get<StoredEntry>(entryPath(id, uid)),
  addEntry: (id: string, entry: Record<string, unknown>) => http.post<StoredEntry>(`/worlds/${id}/entries`, { body: { entry } }),
  changeEntry: (id: string, uid: number, revision: number, entry: Record<string, unknown>) =>
    http.patch<StoredEntry>(entryPath(id, uid), { body: { revision, entry } }),
  changeEntries: (id: string, body: Partial<BulkChange> & { uids: number[] }) =>
    http.post<BulkChanged>(`/worlds/${id}/entries/bulk`, { body }),
}

/** What may have worlds of its own. */
export type WithWorlds = 'characters' | 'chats' | 'personas'

export const worldLinksApi = {
  get: (kind: WithWorlds, id: string) => http.get<WorldLinks>(`/${kind}/${id}/worlds`),
  set: (kind: WithWorlds, id: string, worldIds: readonly string[]) =>
    http.put<WorldLinks>(`/${kind}/${id}/worlds`, { body: { world_ids: worldIds } }),
  ofChat: (id: string) => http.get<WorldsOfChat>(`/chats/${id}/worlds`),
}

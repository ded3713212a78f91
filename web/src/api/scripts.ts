import { http } from './http'
import type { CameList, CameScript, NewScript, Script, ScriptChange, ScriptList, ScriptsFile, ScriptsInChat, ScriptsOf, ScriptTried, TakenScripts } from './schema'

const place = (one: Pick<ScriptsOf, 'source' | 'id'>) => `/scripts/${one.source === 'preset' ? 'presets' : 'characters'}/${one.id}`

export const scriptsApi = {
  list: () => http.get<ScriptList>('/scripts').then((answer) => answer.items),
  create: (body: NewScript) => http.post<Script>('/scripts', { body }),
  change: (id: string, body: ScriptChange) => http.patch<Script>(`/scripts/${id}`, { body }),
  delete: (id: string) => http.delete(`/scripts/${id}`),
  order: (ids: string[]) => http.put<ScriptList>('/scripts/order', { body: { ids } }).then((answer) => answer.items),
  take: (files: unknown[]) => http.post<TakenScripts>('/scripts/import', { body: { files } }),
  export: (ids: string[]) => http.post<ScriptsFile>('/scripts/export', { body: { ids } }),
  attempt: (script: NewScript, text: string, signal: AbortSignal) => http.post<ScriptTried>('/scripts/try', { body: { script, text }, signal }),
  inChat: (chatId: string) => http.get<ScriptsInChat>(`/scripts/chats/${chatId}`),
  of: (source: ScriptsOf['source'], id: string) => http.get<ScriptsOf>(place({ source, id })),
  /** Those that were allowed or refused. */
  came: () => http.get<CameList>('/scripts/came').then((answer) => answer.items),
  /** All of a card's or a preset's, in their order: `place` says which one it was. */
  write: (one: Pick<ScriptsOf, 'source' | 'id'>, digest: string, items: readonly Partial<CameScript>[]) =>
    http.put<ScriptsOf>(place(one), { body: { digest, items } }),
  answer: (one: ScriptsOf, allowed: boolean) => http.put<ScriptsOf>(`${place(one)}/permission`, { body: { digest: one.digest, allowed } }),
}

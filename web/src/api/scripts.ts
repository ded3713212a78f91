import { http } from './http'
import type { NewScript, Script, ScriptChange, ScriptList, ScriptsFile, ScriptsInChat, ScriptsOf, ScriptTried, TakenScripts } from './schema'

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
  answer: (one: ScriptsOf, allowed: boolean) => http.put<ScriptsOf>(`${place(one)}/permission`, { body: { digest: one.digest, allowed } }),
}

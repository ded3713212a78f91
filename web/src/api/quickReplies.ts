import { every } from './every'
import { http } from './http'
import type { QuickSet, QuickSetChange, QuickSetExport } from './schema'

export const quickRepliesApi = {
  list: () => every<QuickSet>('/quick-replies'),
  get: (id: string) => http.get<QuickSet>(`/quick-replies/${id}`),
  create: (name: string) => http.post<QuickSet>('/quick-replies', { body: { name } }),
  change: (id: string, body: QuickSetChange) => http.patch<QuickSet>(`/quick-replies/${id}`, { body }),
  delete: (id: string) => http.delete(`/quick-replies/${id}`),
  take: (file: unknown, name: string) => http.post<QuickSet>('/quick-replies/import', { body: { file, name } }),
  file: (id: string) => http.get<QuickSetExport>(`/quick-replies/${id}/file`),
}

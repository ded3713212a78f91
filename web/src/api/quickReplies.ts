import { http } from './http'
import type { Page, QuickSet, QuickSetChange, QuickSetExport } from './schema'

export const quickRepliesApi = {
  async list(): Promise<QuickSet[]> {
    const all: QuickSet[] = []
    for (let cursor: string | null = null; ; ) {
      const page: Page<QuickSet> = await http.get<Page<QuickSet>>('/quick-replies', { query: { limit: 100, cursor } })
      all.push(...page.items)
      cursor = page.next
      if (!cursor) return all
    }
  },
  get: (id: string) => http.get<QuickSet>(`/quick-replies/${id}`),
  create: (name: string) => http.post<QuickSet>('/quick-replies', { body: { name } }),
  change: (id: string, body: QuickSetChange) => http.patch<QuickSet>(`/quick-replies/${id}`, { body }),
  delete: (id: string) => http.delete(`/quick-replies/${id}`),
  take: (file: unknown, name: string) => http.post<QuickSet>('/quick-replies/import', { body: { file, name } }),
  file: (id: string) => http.get<QuickSetExport>(`/quick-replies/${id}/file`),
}

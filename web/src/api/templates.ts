import { http } from './http'
import type { ExportedFile, Page, Preview, PreviewAsked, TakenTemplates, Template } from './schema'

export type TemplateKind = Template['kind']
/** Fields that are left out stay. */
export type TemplateValues = { name?: string } & { [kind in TemplateKind]?: Partial<NonNullable<Template[kind]>> }

export const templatesApi = {
  async list(): Promise<Template[]> {
    const all: Template[] = []
    for (let cursor: string | null = null; ; ) {
      const page: Page<Template> = await http.get<Page<Template>>('/templates', { query: { limit: 100, cursor } })
      all.push(...page.items)
      cursor = page.next
      if (!cursor) return all
    }
  },
  get: (id: string) => http.get<Template>(`/templates/${id}`),
  create: (body: TemplateValues & { name: string }) => http.post<Template>('/templates', { body }),
  change: (id: string, body: TemplateValues & { revision: number }) => http.patch<Template>(`/templates/${id}`, { body }),
  delete: (id: string) => http.delete(`/templates/${id}`),
  take: (file: unknown, name: string) => http.post<TakenTemplates>('/templates/import', { body: { file, name } }),
  file: (id: string) => http.get<ExportedFile>(`/templates/${id}/file`),
  export: (ids: string[]) => http.post<ExportedFile>('/templates/export', { body: { ids } }),
  preview: (body: PreviewAsked, signal: AbortSignal) => http.post<Preview>('/templates/preview', { body, signal }),
}

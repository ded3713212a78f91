import { every } from './every'
import { http } from './http'
import type { ExportedFile, Preview, PreviewAsked, TakenTemplates, Template } from './schema'

export type TemplateKind = Template['kind']
/** Fields that are left out stay. */
export type TemplateValues = { name?: string } & { [kind in TemplateKind]?: Partial<NonNullable<Template[kind]>> }

export const templatesApi = {
  list: () => every<Template>('/templates'),
  get: (id: string) => http.get<Template>(`/templates/${id}`),
  create: (body: TemplateValues & { name: string }) => http.post<Template>('/templates', { body }),
  change: (id: string, body: TemplateValues & { revision: number }) => http.patch<Template>(`/templates/${id}`, { body }),
  delete: (id: string) => http.delete(`/templates/${id}`),
  take: (file: unknown, name: string) => http.post<TakenTemplates>('/templates/import', { body: { file, name } }),
  file: (id: string) => http.get<ExportedFile>(`/templates/${id}/file`),
  export: (ids: string[]) => http.post<ExportedFile>('/templates/export', { body: { ids } }),
  preview: (body: PreviewAsked, signal: AbortSignal) => http.post<Preview>('/templates/preview', { body, signal }),
}

import { http } from './http'
import type { NewPersona, Page, Persona, PersonaChange } from './schema'

export const personasApi = {
  list: () => http.get<Page<Persona> | Persona[]>('/personas').then(items),
  create: (body: NewPersona) => http.post<Persona>('/personas', { body }),
  change: (id: string, body: PersonaChange) => http.patch<Persona>(`/personas/${id}`, { body }),
  delete: (id: string) => http.delete(`/personas/${id}`),
  setAvatar: (id: string, file: Blob) => http.put<Persona>(`/personas/${id}/avatar`, { raw: file }),
}

function items<T>(answer: Page<T> | T[]): T[] {
  return Array.isArray(answer) ? answer : answer.items
}

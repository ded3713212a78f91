import { every } from './every'
import { http } from './http'
import type { NewPersona, Persona, PersonaChange, PersonaLocks } from './schema'

export const personasApi = {
  list: () => every<Persona>('/personas'),
  /** With a key a repeated wish makes one persona. */
  create: (body: Pick<NewPersona, 'name'> & Partial<NewPersona>, idempotencyKey?: string) =>
    http.post<Persona>('/personas', { body, idempotencyKey }),
  change: (id: string, body: Pick<PersonaChange, 'revision'> & Partial<PersonaChange>) => http.patch<Persona>(`/personas/${id}`, { body }),
  delete: (id: string) => http.delete(`/personas/${id}`),
  locks: () => http.get<PersonaLocks>('/personas/locks'),
  /** With null as the persona the lock goes. */
  lock: (targetId: string, personaId: string | null) =>
    http.put<PersonaLocks>('/personas/locks', { body: { target_id: targetId, persona_id: personaId } }),
  setAvatar: (id: string, file: Blob) => http.put<Persona>(`/personas/${id}/avatar`, { raw: file }),
}

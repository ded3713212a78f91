import { http } from './http'
import type { DefaultNote, DefaultNoteChange, NoteOfCharacter, NoteOfCharacterChange } from './schema'

const ofCharacter = (id: string) => `/characters/${id}/note`

export const notesApi = {
  default: () => http.get<DefaultNote>('/notes/default'),
  changeDefault: (body: Pick<DefaultNoteChange, 'revision'> & Partial<DefaultNoteChange>) =>
    http.patch<DefaultNote>('/notes/default', { body }),
  ofCharacter: (id: string) => http.get<NoteOfCharacter>(ofCharacter(id)),
  changeOfCharacter: (id: string, body: Pick<NoteOfCharacterChange, 'revision'> & Partial<NoteOfCharacterChange>) =>
    http.patch<NoteOfCharacter>(ofCharacter(id), { body }),
}

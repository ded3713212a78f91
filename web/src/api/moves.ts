/** What somebody brings along from another program. */
import { http } from './http'
import type { Download, Move, MoveLine, MoveLook, MoveQuery, NewLook, NewMove, Page, PicturesFound, SlicesThere, Upload } from './schema'

export const movesApi = {
  list: () => http.get<Move[]>('/moves'),
  get: (id: string) => http.get<Move>(`/moves/${id}`),
  look: (body: NewLook) => http.post<MoveLook>('/moves/look', { body }),
  start: (body: NewMove) => http.post<Move>('/moves', { body }),
  slices: (id: string) => http.get<SlicesThere>(`/moves/${id}/slices`),
  forms: (id: string, numbers: number[]) => http.post<Upload[]>(`/moves/${id}/slices`, { body: { numbers } }),
  /** Pictures and files at addresses that messages of SillyTavern name, in their order. */
  pictures: (places: string[]) => http.post<PicturesFound>('/moves/pictures', { body: { places } }),
  file: (place: string) => http.post<Download>('/moves/files', { body: { place } }),
  begin: (id: string) => http.post<Move>(`/moves/${id}/begin`),
  stop: (id: string) => http.post<Move>(`/moves/${id}/stop`),
  lines: (id: string, query: MoveQuery) => http.get<Page<MoveLine>>(`/moves/${id}/lines`, { query: { ...query } }),
  take: (id: string, positions: number[]) => http.post<Move>(`/moves/${id}/take`, { body: { positions } }),
  report: (id: string) => http.post<Download>(`/moves/${id}/report`),
  delete: (id: string) => http.delete(`/moves/${id}`),
}

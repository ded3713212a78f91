import { every } from './every'
import { http } from './http'
import type { Download, Group, GroupChange, NewGroup } from './schema'

export const groupsApi = {
  list: () => every<Group>('/groups'),
  get: (id: string) => http.get<Group>(`/groups/${id}`),
  create: (body: Pick<NewGroup, 'name'> & Partial<NewGroup>) => http.post<Group>('/groups', { body }),
  change: (id: string, body: Pick<GroupChange, 'revision'> & Partial<GroupChange>) => http.patch<Group>(`/groups/${id}`, { body }),
  delete: (id: string) => http.delete(`/groups/${id}`),
  setAvatar: (id: string, file: Blob) => http.put<Group>(`/groups/${id}/avatar`, { raw: file }),
  import: (file: File) =>
    http.post<Group>('/groups/import', { raw: new Blob([file], { type: 'application/octet-stream' }) }),
  export: (id: string) => http.post<Download>(`/groups/${id}/export`),
}

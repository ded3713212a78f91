import { http } from './http'
import type { Account, Invitation, Page, ResetLink, UserChange } from './schema'

export const adminApi = {
  users: (cursor: string | null) => http.get<Page<Account>>('/admin/users', { query: { cursor } }),
  change: (id: string, body: UserChange) => http.patch<Account>(`/admin/users/${id}`, { body }),
  resetLink: (id: string) => http.post<ResetLink>(`/admin/users/${id}/reset-link`),
  invitations: () =>
    http.get<Page<Invitation> | Invitation[]>('/admin/invitations').then((answer) => (Array.isArray(answer) ? answer : answer.items)),
  invite: (days: number) => http.post<Invitation>('/admin/invitations', { body: { days } }),
}

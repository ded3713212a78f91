import { http } from './http'
import type { Account, AccountChange, AccountDeletion, Job, PasswordChange, Session, Usage } from './schema'

export const accountApi = {
  get: () => http.get<Account>('/account'),
  change: (body: AccountChange) => http.patch<Account>('/account', { body }),
  changePassword: (body: PasswordChange) => http.post<undefined>('/account/password', { body }),
  sessions: () => http.get<Session[]>('/account/sessions'),
  endSession: (id: string) => http.delete(`/account/sessions/${id}`),
  usage: () => http.get<Usage>('/account/usage'),
  export: () => http.post<Job>('/account/export'),
  /** Everything as a folder that SillyTavern opens. */
  exportFolder: () => http.post<Job>('/account/export-folder'),
  delete: (body: AccountDeletion) => http.post<undefined>('/account/delete', { body }),
}

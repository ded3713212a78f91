import { http } from './http'
import type { VariableChange, VariableSet } from './schema'

const place = (chatId: string | null) => (chatId ? `/chats/${chatId}/variables` : '/variables')

/** With null as the chat: the variables of everywhere. */
export const variablesApi = {
  get: (chatId: string | null) => http.get<VariableSet>(place(chatId)),
  change: (chatId: string | null, body: Pick<VariableChange, 'revision'> & Partial<VariableChange>) =>
    http.patch<VariableSet>(place(chatId), { body }),
}

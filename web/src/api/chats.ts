import { http } from './http'
import type {
  Branch,
  Chat,
  ChatChange,
  ChatOpened,
  ChatQuery,
  ChatSummary,
  DeleteQuery,
  Download,
  Message,
  MessageChange,
  MessagePage,
  MessageQuery,
  NewBranch,
  NewChat,
  Page,
  Swipe,
  SwipeChoice,
} from './schema'

/** Whom a chat is with. */
export type Partner = { character_id: string } | { group_id: string }

const messagePath = (chatId: string, messageId: string) => `/chats/${chatId}/messages/${encodeURIComponent(messageId)}`

export const chatsApi = {
  list: (query: ChatQuery = {}) => http.get<Page<ChatSummary>>('/chats', { query: { ...query } }),
  start: (body: NewChat) => http.post<Chat>('/chats', { body }),
  open: (chatId: string, branchId?: string | null) =>
    http.get<ChatOpened>(`/chats/${chatId}`, { query: { branch_id: branchId } }),
  change: (chatId: string, body: ChatChange) => http.patch<Chat>(`/chats/${chatId}`, { body }),
  delete: (chatId: string) => http.delete(`/chats/${chatId}`),
  restore: (chatId: string) => http.post<Chat>(`/chats/${chatId}/restore`),
  messages: (chatId: string, query: MessageQuery) =>
    http.get<MessagePage>(`/chats/${chatId}/messages`, { query: { ...query } }),
  changeMessage: (chatId: string, messageId: string, body: MessageChange) =>
    http.patch<Message>(messagePath(chatId, messageId), { body }),
  deleteMessage: (chatId: string, messageId: string, query: DeleteQuery) =>
    http.delete(messagePath(chatId, messageId), { query: { ...query } }),
  /** Undoes a deletion, with all that went below the message on the branch if that was deleted too. */
  restoreMessage: (chatId: string, messageId: string, branchId?: string) =>
    http.post<Message>(`${messagePath(chatId, messageId)}/restore`, { query: { branch_id: branchId } }),
  swipes: (chatId: string, messageId: string) => http.get<Swipe[]>(`${messagePath(chatId, messageId)}/swipes`),
  swipe: (chatId: string, messageId: string, body: SwipeChoice) =>
    http.put<Message>(`${messagePath(chatId, messageId)}/swipe`, { body }),
  branches: (chatId: string) => http.get<Branch[]>(`/chats/${chatId}/branches`),
  branch: (chatId: string, body: NewBranch) => http.post<Branch>(`/chats/${chatId}/branches`, { body }),
  import: (partner: Partner, file: Blob, filename: string) =>
    http.post<Chat>('/chats/import', { raw: file, query: { ...partner, filename } }),
  export: (chatId: string, format: 'jsonl' | 'text') =>
    http.post<Download>(`/chats/${chatId}/export`, { query: { format } }),
}

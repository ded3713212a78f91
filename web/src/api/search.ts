import { http } from './http'
import type { Found, FoundChat, SearchQuery } from './schema'

export const searchApi = {
  /** Messages with all of the words, the newest first. */
  messages: (query: SearchQuery, signal?: AbortSignal) =>
    http.get<Found>('/search/messages', { query: { ...query }, signal }),
  /** Chats by their titles. */
  chats: (q: string, signal?: AbortSignal) => http.get<FoundChat[]>('/search/chats', { query: { q }, signal }),
}

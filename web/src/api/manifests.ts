import { accessToken, http } from './http'
import { problemOf } from './problem'
import type { Explanation, NewTurn } from './schema'

export const manifestsApi = {
  of: (generationId: string) => http.get<Explanation>(`/generations/${generationId}/manifest`),
  preview: (chatId: string, body: NewTurn, signal?: AbortSignal) =>
    http.post<Explanation>(`/chats/${chatId}/preview`, { body, signal }),
  request: fetchRequest,
}

/** A request as it was sent: the bytes themselves, since writing JSON anew would change them. */
async function fetchRequest(generationId: string): Promise<Blob> {
  const token = await accessToken()
  const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {}
  const answer = await fetch(`/api/generations/${generationId}/request`, { headers })
  if (!answer.ok) throw await problemOf(answer)
  return answer.blob()
}

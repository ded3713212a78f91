import { accessToken, AppProblem, http } from './http'
import { problemOf } from './problem'
import type { Generation, NewTurn, Ticket, TurnStarted } from './schema'

export const turnsApi = {
  start: (chatId: string, body: NewTurn, idempotencyKey: string) =>
    http.post<TurnStarted>(`/chats/${chatId}/turns`, { body, idempotencyKey }),
  stop: (turnId: string) => http.post<undefined>(`/turns/${turnId}/stop`),
  generation: (generationId: string) => http.get<Generation>(`/generations/${generationId}`),
}

/** The socket's address with a fresh one-time ticket in it. */
export async function socketAddress(): Promise<string> {
  const { ticket, url } = await http.post<Ticket>('/socket-tickets')
  const address = new URL(url || '/socket', location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  address.searchParams.set('ticket', ticket)
  return address.href
}

/** One answer of a generation's event stream, where no socket gets through. */
export async function fetchEvents(
  generationId: string,
  lastEventId: string | null,
  signal: AbortSignal,
): Promise<string> {
  const headers: Record<string, string> = { Accept: 'text/event-stream' }
  const token = await accessToken()
  if (token) headers.Authorization = `Bearer ${token}`
  if (lastEventId) headers['Last-Event-ID'] = lastEventId
  const answer = await fetch(`/api/generations/${generationId}/events`, { headers, signal })
  if (!answer.ok) throw await problemOf(answer)
  if (!answer.headers.get('content-type')?.includes('event-stream'))
    throw new AppProblem('network', 'The server answered something else.', { status: 0 })
  return answer.text()
}

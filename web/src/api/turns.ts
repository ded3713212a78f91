import { Busy, Gone, type ChatState } from '@tavern/streaming-client'
import { accessToken, AppProblem, http } from './http'
import { problemOf } from './problem'
import type { ChatOpened, Generation, NewTurn, Ticket, TurnStarted } from './schema'

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
  if (answer.status === 404) throw new Gone()
  if (!answer.ok) {
    const problem = await problemOf(answer)
    if (answer.status === 429) throw new Busy((problem.retryAfterSeconds ?? 1) * 1_000)
    throw problem
  }
  if (!answer.headers.get('content-type')?.includes('event-stream'))
    throw new AppProblem('network', 'The server answered something else.', { status: 0 })
  return answer.text()
}

/** A generation's whole state, where event streams are swallowed as well. */
export async function fetchState(generationId: string, signal: AbortSignal): Promise<Generation> {
  try {
    return await http.get<Generation>(`/generations/${generationId}`, { signal })
  } catch (problem) {
    throw problem instanceof AppProblem && problem.status === 404 ? new Gone() : problem
  }
}

/** A chat's revision, and what runs in the branch that is shown. */
export async function fetchChat(chatId: string, branchId: string | null, signal: AbortSignal): Promise<ChatState> {
  const { chat, active } = await http.get<ChatOpened>(`/chats/${chatId}`, { query: { branch_id: branchId }, signal })
  return { revision: chat.revision, generations: active.map((one) => ({ ...one, generation_id: one.id })) }
}

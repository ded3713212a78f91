/** The one connection of a signed-in page, and who listens to it. */
import { Connection, type ConnectionState, type ReaderEvent } from '@tavern/streaming-client'
import { shallowRef, watch } from 'vue'
import { fetchChat, fetchEvents, fetchState, socketAddress } from '@/api/turns'
import { useSession } from '@/state/session'
import { i18n } from '@/words/i18n'

type Listener = (event: ReaderEvent) => void

export const connectionState = shallowRef<ConnectionState>('off')
const listeners = new Set<Listener>()
/** Which branch of a chat is shown. */
const branches = new Map<string, string>()
let connection: Connection | null = null

export function onReaderEvent(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The page of a chat shows a branch of it, as of a revision. */
export function followChat(chatId: string, branchId: string, revision: number): void {
  branches.set(chatId, branchId)
  liveConnection().follow(chatId, revision)
  liveConnection().seen(chatId, revision)
}

/** The page of a chat closes. After signing out there is nothing left to leave, and nothing must be opened. */
export function leaveChat(chatId: string): void {
  branches.delete(chatId)
  connection?.unfollow(chatId)
}

/** Opened when first needed, closed by signing out. */
export function liveConnection(): Connection {
  if (connection) return connection
  const session = useSession()
  const opened = new Connection({
    address: socketAddress,
    openSocket: (address) => new WebSocket(address),
    fetchEvents,
    fetchState,
    fetchChat: (chatId, signal) => fetchChat(chatId, branches.get(chatId) ?? null, signal),
    locale: i18n.global.locale.value,
    onEvent: (event) => listeners.forEach((listener) => listener(event)),
    onState: (state) => (connectionState.value = state),
  })
  connection = opened
  const seen = () => opened.setVisible(!document.hidden)
  const online = () => opened.setOnline(true)
  document.addEventListener('visibilitychange', seen)
  window.addEventListener('online', online)
  const unwatch = watch(
    () => session.account?.id,
    (id, before) => {
      if (id === before) return
      unwatch()
      document.removeEventListener('visibilitychange', seen)
      window.removeEventListener('online', online)
      opened.close()
      connection = null
    },
  )
  seen()
  opened.start()
  return opened
}

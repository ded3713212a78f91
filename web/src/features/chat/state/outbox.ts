/** The signed-in user's outbox: drafts, and turns that wait to be sent. Without IndexedDB it lives as long as the page. */
import { Outbox } from '@tavern/streaming-client'
import type { NewTurn } from '@/api/schema'
import { useSession } from '@/state/session'

let opened: { userId: string; box: Promise<Outbox<NewTurn> | null> } | null = null

/** null in a private window that keeps nothing. */
export function outbox(): Promise<Outbox<NewTurn> | null> {
  const userId = useSession().account?.id
  if (!userId) return Promise.resolve(null)
  if (opened?.userId !== userId) opened = { userId, box: Outbox.open<NewTurn>({ userId }).catch(() => null) }
  return opened.box
}

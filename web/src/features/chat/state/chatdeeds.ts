/** What can be done to whole chats, from the list and from the page of one. */
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { chatsApi, type Partner } from '@/api/chats'
import type { Chat, ChatSummary } from '@/api/schema'
import { useToasts } from '@/state/toasts'
import { useChatArrivals } from './arrivals'
import { useChatShelf } from './shelf'

const PATIENCE_MS = 4000

export function useChatDeeds() {
  const { t } = useI18n()
  const router = useRouter()
  const toasts = useToasts()
  const shelf = useChatShelf()
  const arrivals = useChatArrivals()

  async function told<T>(work: Promise<T>): Promise<T | null> {
    try {
      return await work
    } catch (problem) {
      toasts.problem(problem)
      return null
    }
  }

  const start = (characterId: string, replace = false) => begin(chatsApi.start({ character_id: characterId }), replace)

  /** Another chat with whom this one is with. */
  const startLike = (chat: ChatSummary) => startWith(partnerOf(chat))

  const startWith = (partner: Partner) => begin(chatsApi.start(partner))

  async function begin(work: Promise<Chat>, replace = false): Promise<void> {
    const chat = await told(work)
    if (!chat) return
    shelf.show(chat)
    await router[replace ? 'replace' : 'push']({ name: 'chat', params: { chatId: chat.id } })
  }

  async function rename(chat: ChatSummary, title: string): Promise<void> {
    const fresh = await told(chatsApi.change(chat.id, { title }))
    if (fresh) shelf.chats = shelf.chats.map((one) => (one.id === chat.id ? fresh : one))
  }

  async function remove(chat: ChatSummary): Promise<boolean> {
    const done = await told(chatsApi.delete(chat.id).then(() => true))
    if (!done) return false
    shelf.drop(chat.id)
    toasts.undoable(t('chat.chat_deleted', { title: chat.title }), async () => {
      await chatsApi.restore(chat.id)
      await shelf.load()
    })
    return true
  }

  async function download(chatId: string, format: 'jsonl' | 'text'): Promise<void> {
    const file = await told(chatsApi.export(chatId, format))
    if (!file) return
    const link = document.createElement('a')
    link.href = file.url
    link.download = file.filename
    link.click()
  }

  /** Takes chat files in. What took a moment is opened; who has waited long is reading something else by then. */
  async function take(partner: Partner, files: readonly File[]): Promise<void> {
    const since = Date.now()
    const here = router.currentRoute.value.fullPath
    const [only, ...more] = await arrivals.add(partner, files)
    const waited = Date.now() - since > PATIENCE_MS || router.currentRoute.value.fullPath !== here
    if (only && !more.length && !waited) await router.push({ name: 'chat', params: { chatId: only } })
  }

  return { start, startLike, startWith, rename, remove, download, take }
}

export function partnerOf({ character_id, group_id }: ChatSummary): Partner {
  return group_id ? { group_id } : { character_id }
}

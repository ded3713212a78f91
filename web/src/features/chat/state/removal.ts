/**
 * Deleting turns, one or all below, and taking that back for ten seconds. Each is one request, however many turns go; what
 * the reader has before their eyes stays there.
 */
import { useI18n } from 'vue-i18n'
import { chatsApi } from '@/api/chats'
import { AppProblem } from '@/api/http'
import type { Message } from '@/api/schema'
import { useToasts } from '@/state/toasts'
import { liveConnection } from './live'
import { cutAt, showsAll, withBack, without, type Known } from './pages'
import type { Story } from './story'

/** What the server shows to who would have deleted more than they had seen. */
interface BranchEnd {
  chat_revision: number
  messages?: Message[]
}

export function useRemoval(story: Story) {
  const { t } = useI18n()
  const toasts = useToasts()

  async function remove(message: Message, below: boolean): Promise<void> {
    const branch = story.branch.value?.id
    const before = story.known.value
    const after = before.messages[before.messages.findIndex((one) => one.id === message.id) - 1]?.id ?? null
    const { known, gone } = below ? cutAt(before, message.id) : { known: without(before, message.id), gone: [message] }
    const back = story.holdPlace()
    story.known.value = known
    if (!below) back()
    try {
      await ask(message, below, branch, before)
    } catch (problem) {
      toasts.problem(problem)
      putBack(gone, after)
      back()
      return void story.refresh().catch(() => {})
    }
    toasts.undoable(t('chat.deleted', { count: gone.length }, gone.length), async () => {
      if (story.branch.value?.id !== branch) return void (await restore(message, branch))
      const place = below ? back : story.holdPlace()
      const wentOn = below && after !== null && story.last.value?.id !== after
      // Shown before it is asked for: the news of it, which may come first, then finds what it knows.
      const shown = !wentOn && putBack(gone, after)
      if (shown) place()
      try {
        const fresh = await restore(message, branch)
        if (shown) story.put(fresh)
        else if (!wentOn) await story.open(branch)
        if (wentOn) toasts.note(t('chat.back_as_branch'), 'good')
      } finally {
        await Promise.allSettled([story.refresh(), wentOn ? story.loadBranches() : null])
      }
    })
  }

  /**
   * With all below, only what is on the screen may go. Anything written in the chat since is a conflict; where it turns out
   * to be nothing new below the message, such as a title, it is asked for once more.
   */
  async function ask(message: Message, below: boolean, branch: string | undefined, shown: Known): Promise<void> {
    const query = { revision: message.revision, below, branch_id: branch }
    if (!below) return chatsApi.deleteMessage(story.chatId, message.id, query)
    try {
      await chatsApi.deleteMessage(story.chatId, message.id, { ...query, chat_revision: liveConnection().revisionOf(story.chatId) })
    } catch (problem) {
      const end = problem instanceof AppProblem ? (problem.details.theirs as BranchEnd | undefined) : undefined
      if (!end?.messages || !showsAll(shown, end.messages, message.id)) throw problem
      await chatsApi.deleteMessage(story.chatId, message.id, { ...query, chat_revision: end.chat_revision })
    }
  }

  const restore = (message: Message, branch: string | undefined) => chatsApi.restoreMessage(story.chatId, message.id, branch)

  function putBack(gone: Message[], after: string | null): boolean {
    const known = withBack(story.known.value, gone, after)
    if (known) story.known.value = known
    return known !== null
  }

  return { remove }
}

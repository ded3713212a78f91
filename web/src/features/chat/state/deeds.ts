/** What a person can do to the turns of a story. What loses something is undone for ten seconds. */
import { inject, type InjectionKey } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { chatsApi } from '@/api/chats'
import { AppProblem } from '@/api/http'
import type { Message } from '@/api/schema'
import { useToasts } from '@/state/toasts'
import type { Story } from './story'
import { useRemoval } from './removal'
import type { Turns } from './turns'

/** Two versions of a message, to choose from. */
export interface Versions {
  yours: string
  theirs: Message
}

export function useDeeds(story: Story, turns: Turns) {
  const { t } = useI18n()
  const toasts = useToasts()
  const router = useRouter()

  /** Tells a failure instead of raising it. */
  async function told(work: Promise<unknown>): Promise<boolean> {
    try {
      await work
      return true
    } catch (problem) {
      toasts.problem(problem)
      return false
    }
  }

  /** null when it is saved; both versions when somebody was faster. Raises AppProblem for all else. */
  async function save(message: Message, text: string, revision = message.revision): Promise<Versions | null> {
    try {
      story.put(await chatsApi.changeMessage(story.chatId, message.id, { revision, text }))
      return null
    } catch (problem) {
      const theirs = problem instanceof AppProblem ? (problem.details.theirs as Message | undefined) : undefined
      if (problem instanceof AppProblem && problem.status === 409 && theirs) return { yours: text, theirs }
      throw problem
    }
  }

  const hide = (message: Message) =>
    told(
      chatsApi
        .changeMessage(story.chatId, message.id, { revision: message.revision, hidden: !message.hidden })
        .then((fresh) => story.put(fresh)),
    )

  const { remove } = useRemoval(story)

  /** The alternative before or after; behind the last one a new one is written. */
  async function swipe(message: Message, step: 1 | -1): Promise<void> {
    if (story.running.value) return
    const index = message.swipe_index + step
    if (index < 0) return
    if (index >= message.swipe_count) {
      if (canBeWrittenAgain(message)) await again(message)
      return
    }
    await told(
      chatsApi.swipe(story.chatId, message.id, { revision: message.revision, index }).then((fresh) => story.put(fresh)),
    )
  }

  const canBeWrittenAgain = (message: Message) =>
    !story.gone.value && message.role === 'assistant' && story.last.value?.id === message.id && story.known.value.messages.length > 1

  const again = (message: Message) =>
    told(turns.ask({ kind: 'swipe', message_id: message.id, revision: message.revision }))

  /** Sends the request of the reply that is shown once more, byte for byte: another alternative. */
  const repeat = (message: Message) =>
    told(turns.ask({ kind: 'swipe', message_id: message.id, revision: message.revision, repeats: message.reply?.generation_id }))

  const goOn = (message: Message) =>
    told(turns.ask({ kind: 'continue', message_id: message.id, revision: message.revision }))

  /** Asks the character to speak (again): after a failure, or when the last word was the user's. */
  const speak = () => told(turns.ask({ kind: 'reply' }))

  /** In a group: this one speaks, whoever's turn it is. */
  const letSpeak = (characterId: string) => told(turns.ask({ kind: 'reply', character_id: characterId }))

  const impersonate = () => told(turns.ask({ kind: 'impersonate' }))

  async function branchFrom(message: Message): Promise<void> {
    const done = await told(
      chatsApi.branch(story.chatId, { message_id: message.id, branch_id: story.branch.value?.id ?? null }).then(async (branch) => {
        await router.push({ name: 'chat', params: { chatId: story.chatId }, query: { branch: branch.id } })
        toasts.note(t('chat.branched'), 'good')
      }),
    )
    if (done) await told(story.loadBranches())
  }

  async function copy(message: Message): Promise<void> {
    const done = await copied(message.text)
    toasts.note(t(done ? 'chat.copied' : 'chat.not_copied'), done ? 'good' : 'loss')
  }

  const stop = () => told(turns.stop())

  return {
    told, save, hide, remove, swipe, canBeWrittenAgain, again, repeat, goOn, speak, letSpeak, impersonate, branchFrom, copy,
    copyText: copied, stop,
  }
}

export type Deeds = ReturnType<typeof useDeeds>
export const DEEDS: InjectionKey<Deeds> = Symbol('deeds')

/** Keeps words that have lost their place: in the composer. */
export const PUT_ASIDE: InjectionKey<(words: string) => void> = Symbol('put aside')

export function needed<T>(key: InjectionKey<T>): T {
  const found = inject(key)
  if (!found) throw new Error('This part stands outside of a chat.')
  return found
}

/** The clipboard's own door is closed over plain HTTP in the home network: a selection still works there. */
async function copied(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  }
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  return done
}

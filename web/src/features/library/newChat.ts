/** Starts a chat with a character and goes there. */
import { ref } from 'vue'
import { useRouter } from 'vue-router'
import { chatsApi } from '@/api/chats'
import { useToasts } from '@/state/toasts'
import { useShelf } from './shelf'

export function useNewChat() {
  const router = useRouter()
  const toasts = useToasts()
  const starting = ref(false)

  async function start(characterId: string, greeting = 0): Promise<void> {
    starting.value = true
    try {
      const chat = await chatsApi.start({ character_id: characterId, greeting })
      useShelf().stale()
      await router.push(`/chats/${chat.id}`)
    } catch (problem) {
      toasts.problem(problem)
    } finally {
      starting.value = false
    }
  }

  return { start, starting }
}

/** The demo storyteller: which replies it wrote, and whether it is the one that answers now. */
import { computed, ref } from 'vue'
import type { ReplyFacts } from '@/api/schema'
import { useModels } from '@/state/models'
import { useSession } from '@/state/session'

const KEY = 'tavern.demo-hint'
// As services/connections.py and providers/demo.py name them.
const NAME = 'Demo'
const MODELS = ['demo', 'demo-instant']

export function isDemo(reply: ReplyFacts | null): boolean {
  return reply !== null && reply.connection === NAME && MODELS.includes(reply.model)
}

/** The hint that the demo answers; told until it is sent away, once for all chats. */
export function useDemoHint() {
  const models = useModels()
  const session = useSession()
  const away = ref(localStorage.getItem(KEY) === 'away')
  // Who has chosen nothing is answered by the demo: told at once, so that the story does not move when the list is here.
  const answers = computed(() =>
    models.loaded.connections ? models.connection?.kind === 'demo' : session.choices?.connection_id === null,
  )
  const shown = computed(() => !away.value && answers.value)

  function dismiss(): void {
    away.value = true
    localStorage.setItem(KEY, 'away')
  }

  if (!away.value && !models.loaded.connections) models.loadConnections().catch(() => {})
  return { shown, dismiss }
}

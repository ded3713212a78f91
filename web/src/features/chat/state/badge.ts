/** A mark in the tab's title when a reply came to its end while nobody looked. */
import { onBeforeUnmount, onMounted } from 'vue'
import { useSession } from '@/state/session'
import { useTitle } from '@/state/title'

export function useTitleBadge(): { ended: () => void } {
  const session = useSession()
  const title = useTitle()

  function looked(): void {
    if (!document.hidden) title.waiting = 0
  }

  onMounted(() => document.addEventListener('visibilitychange', looked))
  onBeforeUnmount(() => document.removeEventListener('visibilitychange', looked))
  return {
    ended: () => {
      if (document.hidden && (session.choices?.title_badge ?? true)) title.waiting += 1
    },
  }
}

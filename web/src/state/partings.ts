/**
 * Deletions that the server cannot take back wait here for ten seconds, so that an undo is still possible.
 * Who leaves the page meanwhile means it: what waits is then done at once. A crash leaves everything where it was.
 */
import { defineStore } from 'pinia'
import { reactive } from 'vue'
import { UNDO_SECONDS, useToasts } from './toasts'

export const usePartings = defineStore('partings', () => {
  const toasts = useToasts()
  /** Ids that are already gone for the eye. */
  const gone = reactive(new Set<string>())
  const waiting = new Map<string, { timer: ReturnType<typeof setTimeout>; act: () => Promise<unknown> }>()

  /** `act` deletes for good; `back` is what an undo has to set right besides. */
  function part(id: string, text: string, act: () => Promise<unknown>, back?: () => Promise<unknown>): void {
    gone.add(id)
    waiting.set(id, { act, timer: setTimeout(() => void carryOut(id), UNDO_SECONDS * 1000) })
    toasts.undoable(text, async () => {
      clearTimeout(waiting.get(id)?.timer)
      waiting.delete(id)
      gone.delete(id)
      await back?.()
    })
  }

  async function carryOut(id: string): Promise<void> {
    const one = waiting.get(id)
    waiting.delete(id)
    clearTimeout(one?.timer)
    try {
      await one?.act()
    } catch (problem) {
      gone.delete(id)
      toasts.problem(problem)
    }
  }

  window.addEventListener('pagehide', () => {
    for (const id of [...waiting.keys()]) void carryOut(id)
  })

  return { gone, part }
})

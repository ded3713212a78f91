/** Parts of a draft that were taken out and may come back, as long as the draft is open. */
import { onBeforeUnmount } from 'vue'
import { useToasts } from '@/state/toasts'

export function useRemovals() {
  const toasts = useToasts()
  const offers: number[] = []
  // An undo that could no longer reach its draft must not be offered.
  onBeforeUnmount(() => offers.forEach(toasts.dismiss))

  return (text: string, back: () => void): void => void offers.push(toasts.undoable(text, back))
}

export function inserted<T>(list: readonly T[], index: number, one: T): T[] {
  return [...list.slice(0, index), one, ...list.slice(index)]
}

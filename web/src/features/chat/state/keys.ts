/** The keys of a chat's page. Letters and arrows mean themselves while one writes. */
import { onBeforeUnmount, onMounted } from 'vue'

export interface ChatKeys {
  /** Whether there was something to stop. */
  stop: () => boolean
  /** Whether there was something to turn. */
  swipe: (step: 1 | -1) => boolean
  write: () => void
  help: () => void
  toEnd: () => void
}

export function useChatKeys(keys: ChatKeys): void {
  function press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.altKey || event.isComposing) return
    // A window over the page has its own keys.
    if (document.querySelector('[role="dialog"][data-state="open"], [role="menu"][data-state="open"]')) return
    if (event.key === 'Escape') return void (keys.stop() && event.preventDefault())
    if (event.key === 'End' && (event.ctrlKey || event.metaKey) && !writes(event.target)) return keys.toEnd()
    if (event.ctrlKey || event.metaKey || writes(event.target)) return
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      if (keys.swipe(event.key === 'ArrowLeft' ? -1 : 1)) event.preventDefault()
    } else if (event.key === '/') {
      event.preventDefault()
      keys.write()
    } else if (event.key === '?') {
      event.preventDefault()
      keys.help()
    }
  }

  onMounted(() => document.addEventListener('keydown', press))
  onBeforeUnmount(() => document.removeEventListener('keydown', press))
}

/** Whether the key goes into a field with words in it: in an empty composer the arrows still turn. */
function writes(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLTextAreaElement) return target.value !== '' || !target.closest('.composer')
  return target.isContentEditable || /^(INPUT|SELECT)$/.test(target.tagName) || target.getAttribute('role') === 'slider'
}

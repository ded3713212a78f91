/** Whether the window that goes anywhere is open: Ctrl+K, or the glass in the rail. */
import { ref } from 'vue'

export const paletteOpen = ref(false)

export function onPaletteKey(event: KeyboardEvent): void {
  if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
  event.preventDefault()
  paletteOpen.value = !paletteOpen.value
}

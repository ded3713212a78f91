/** The drawer of a chat: beside the story where there is room, and remembered there; a sheet over it elsewhere. */
import { ref, watch } from 'vue'

const KEPT = 'tavern.chat-drawer'
const wide = window.matchMedia('(min-width: 1200px)')

/** Whether there is room beside the story. */
export const roomy = ref(wide.matches)
export const docked = ref(remembered())
/** The sheet is opened for a moment; nobody wants it back with the next visit. */
export const sheet = ref(false)

wide.addEventListener('change', ({ matches }) => {
  roomy.value = matches
  sheet.value = false
})
watch(docked, (open) => {
  try {
    localStorage.setItem(KEPT, open ? 'open' : 'closed')
  } catch {
    // A browser that keeps nothing opens the page as it comes.
  }
})

export function toggleDrawer(): void {
  if (roomy.value) docked.value = !docked.value
  else sheet.value = !sheet.value
}

function remembered(): boolean {
  try {
    return localStorage.getItem(KEPT) === 'open'
  } catch {
    return false
  }
}

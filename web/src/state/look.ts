/** How the page looks on this device: set before the first paint by public/first-paint.js from the same key. */
import type { Choices } from '@/api/schema'

const KEY = 'tavern.look'

export type Look = Pick<Choices, 'theme' | 'layout' | 'font_px' | 'locale'>

export function rememberedLook(): Partial<Look> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Look>
  } catch {
    return {}
  }
}

/** Shows and remembers a look; what is left out stays. */
export function wear(look: Partial<Look>): void {
  const whole = { ...rememberedLook(), ...look }
  try {
    localStorage.setItem(KEY, JSON.stringify(whole))
  } catch {
    // A private window may refuse; the look then holds for this visit.
  }
  const root = document.documentElement
  if (whole.theme === 'light' || whole.theme === 'dark') root.dataset.theme = whole.theme
  else delete root.dataset.theme
  if (whole.font_px) root.style.setProperty('--story-size', `${whole.font_px / 16}rem`)
}

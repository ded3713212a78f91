/** What of a script a person writes. */
import type { NewScript, RegexScript } from '@/api/schema'

export function written(script: RegexScript): NewScript {
  const { name, find, replace, trim, places, disabled, display_only, prompt_only, on_edit, macros, depth_least, depth_most } = script
  return { name, find, replace, trim, places, disabled, display_only, prompt_only, on_edit, macros, depth_least, depth_most }
}

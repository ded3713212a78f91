/** Opening the window that explains: a reply that was written, or one that would be. */
import { shallowRef, type InjectionKey, type Ref } from 'vue'
import type { Explanation, Message } from '@/api/schema'

/** A message whose reply is explained; or a dry run that has been made, with what it was made for. */
export type Asked = { message: Message } | { preview: Explanation }

export interface Why {
  asked: Ref<Asked | null>
  show: (asked: Asked) => void
}

export const WHY: InjectionKey<Why> = Symbol('why')
/** What stands in the composer. */
export const DRAFT: InjectionKey<() => string> = Symbol('draft')

export function useWhy(): Why {
  const asked = shallowRef<Asked | null>(null)
  return { asked, show: (one) => (asked.value = one) }
}

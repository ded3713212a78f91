/** Whether a media query holds, as long as the component lives. */
import { onBeforeUnmount, ref, type Ref } from 'vue'

export function useMediaQuery(query: string): Ref<boolean> {
  const list = window.matchMedia(query)
  const holds = ref(list.matches)
  const changed = ({ matches }: MediaQueryListEvent) => (holds.value = matches)
  list.addEventListener('change', changed)
  onBeforeUnmount(() => list.removeEventListener('change', changed))
  return holds
}

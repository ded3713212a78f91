/** Whether the browser has found the time to draw what can wait. */
import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

const WAIT_MOST_MS = 500
/** Where the browser does not tell when it is idle. */
const PAUSE_MS = 150

export function useSettled(): Ref<boolean> {
  const settled = ref(false)
  let cancel = () => {}

  onMounted(() => {
    const settle = () => (settled.value = true)
    if (typeof requestIdleCallback === 'function') {
      const handle = requestIdleCallback(settle, { timeout: WAIT_MOST_MS })
      cancel = () => cancelIdleCallback(handle)
    } else {
      const handle = setTimeout(settle, PAUSE_MS)
      cancel = () => clearTimeout(handle)
    }
  })
  onBeforeUnmount(() => cancel())
  return settled
}

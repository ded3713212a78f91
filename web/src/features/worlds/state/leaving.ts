/** Leaving a world while something of it is unsaved: asked about only where the device could not keep it. */
import { onBeforeUnmount, ref } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'
import type { useEntryEditing } from './editing'
import type { World } from './world'

export function useLeaving(world: World, editing: ReturnType<typeof useEntryEditing>) {
  const asking = ref(false)
  let answer: ((leave: boolean) => void) | null = null

  onBeforeRouteLeave(async () => {
    await editing.leave()
    if (editing.state.value === 'clean' || editing.kept.value) return true
    asking.value = true
    return new Promise<boolean>((resolve) => (answer = resolve))
  })

  function decide(leave: boolean): void {
    asking.value = false
    answer?.(leave)
    answer = null
  }

  /** What is done to thousands goes on while one walks through the pages, but not without them. */
  function warn(event: BeforeUnloadEvent): void {
    if (world.writing.value) event.preventDefault()
  }
  window.addEventListener('beforeunload', warn)
  onBeforeUnmount(() => {
    if (!world.writing.value) return window.removeEventListener('beforeunload', warn)
    void world.settled().finally(() => window.removeEventListener('beforeunload', warn))
  })

  return { asking, decide }
}

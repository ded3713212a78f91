/** One try of a connection: the clock runs while the model thinks, then its first words or what is wrong. */
import { onBeforeUnmount, ref, shallowRef } from 'vue'
import { connectionsApi } from '@/api/connections'
import type { TestResult } from '@/api/schema'

export function useTrial() {
  const running = ref(false)
  const seconds = ref(0)
  const result = shallowRef<TestResult | null>(null)
  const problem = shallowRef<unknown>(null)
  let ticking: ReturnType<typeof setInterval> | undefined

  async function run(connectionId: string): Promise<void> {
    const began = performance.now()
    running.value = true
    result.value = problem.value = null
    seconds.value = 0
    ticking = setInterval(() => (seconds.value = (performance.now() - began) / 1000), 100)
    try {
      result.value = await connectionsApi.test(connectionId)
    } catch (error) {
      problem.value = error
    } finally {
      clearInterval(ticking)
      seconds.value = (performance.now() - began) / 1000
      running.value = false
    }
  }

  onBeforeUnmount(() => clearInterval(ticking))
  return { running, seconds, result, problem, run }
}

export type Trial = ReturnType<typeof useTrial>

/** A job that packs everything into one file: how far it is, what went wrong, and where the file lies. */
import { computed, ref, shallowRef } from 'vue'
import { followJob } from '@/api/jobs'
import type { Job } from '@/api/schema'

export function usePacking(begin: () => Promise<Job>) {
  const job = shallowRef<Job | null>(null)
  const packing = ref(false)
  const problem = shallowRef<unknown>(null)
  const share = computed(() => (job.value?.total ? job.value.done / job.value.total : null))
  const address = computed(() => {
    const url = (job.value?.result as { url?: unknown } | undefined)?.url
    return job.value?.status === 'done' && typeof url === 'string' ? url : null
  })

  async function pack(): Promise<void> {
    packing.value = true
    problem.value = null
    try {
      job.value = await begin()
      job.value = await followJob(job.value, (now) => (job.value = now))
    } catch (error) {
      problem.value = error
    } finally {
      packing.value = false
    }
  }

  return { packing, problem, share, address, pack }
}

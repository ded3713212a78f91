/** Files on their way into the worlds, one after the other, and what became of each. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, triggerRef } from 'vue'
import { followJob, jobsApi, sendToBucket } from '@/api/jobs'
import type { Job, ReportLine } from '@/api/schema'
import { worldsApi } from '@/api/worlds'
import { useWorlds } from '@/state/worlds'

/** What one request takes; larger files go through the bucket and a job. */
const SMALL_BYTES = 4_000_000
const FILE_TYPE = 'application/octet-stream'
export const WORLD_FILES = '.json,.lorebook'

export interface Arrival {
  id: number
  file: File
  state: 'waiting' | 'sending' | 'reading' | 'done' | 'failed'
  /** Share that went out or was read; null when nobody knows. */
  share: number | null
  line: ReportLine | null
  worldId: string | null
  problem: unknown
}

export const useWorldArrivals = defineStore('world-arrivals', () => {
  const arrivals = shallowRef<Arrival[]>([])
  const open = ref(false)
  const ended = computed(() => arrivals.value.filter((one) => one.state === 'done' || one.state === 'failed').length)
  const busy = computed(() => ended.value < arrivals.value.length)
  const taken = computed(() => arrivals.value.filter((one) => one.state === 'done').length)
  let last = 0
  let running = false

  function add(files: readonly File[]): void {
    const fresh = files.map((file): Arrival => ({ id: (last += 1), file, state: 'waiting', share: null, line: null, worldId: null, problem: null }))
    arrivals.value = [...arrivals.value, ...fresh]
    open.value = true
    void pump()
  }

  function retry(arrival: Arrival): void {
    step(arrival, { state: 'waiting', problem: null })
    void pump()
  }

  function clear(): void {
    arrivals.value = []
    open.value = false
  }

  async function pump(): Promise<void> {
    if (running) return
    running = true
    for (let next = waiting(); next; next = waiting()) await take(next)
    running = false
  }

  const waiting = () => arrivals.value.find((one) => one.state === 'waiting')

  async function take(arrival: Arrival): Promise<void> {
    step(arrival, { state: 'sending', share: null })
    try {
      const line = arrival.file.size <= SMALL_BYTES ? (await worldsApi.import(arrival.file)).line : await takeLarge(arrival)
      if (line?.id) useWorlds().keep(await worldsApi.get(line.id))
      step(arrival, { state: line?.id ? 'done' : 'failed', line, worldId: line?.id ?? null })
    } catch (problem) {
      step(arrival, { state: 'failed', problem })
    }
  }

  async function takeLarge(arrival: Arrival): Promise<ReportLine | null> {
    const { file } = arrival
    const upload = await jobsApi.startUpload({ filename: file.name, size: file.size, content_type: FILE_TYPE, purpose: 'world' })
    await sendToBucket(upload, file, (share) => step(arrival, { share }))
    step(arrival, { state: 'reading', share: null })
    const told = (job: Job) => step(arrival, { share: job.total ? job.done / job.total : null })
    const done = await followJob(await jobsApi.finishUpload(upload.id), told)
    return done.report[0] ?? null
  }

  function step(arrival: Arrival, change: Partial<Arrival>): void {
    Object.assign(arrival, change)
    triggerRef(arrivals)
  }

  return { arrivals, open, ended, busy, taken, add, retry, clear }
})

/** Files on their way into the library: three at once, small ones in a request, large ones through the bucket and a job. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, triggerRef } from 'vue'
import { charactersApi } from '@/api/characters'
import { AppProblem } from '@/api/http'
import { followJob, jobsApi, sendToBucket } from '@/api/jobs'
import type { ImportedCharacter, Job, ReportLine } from '@/api/schema'
import { useShelf } from './shelf'

const SMALL_BYTES = 4_000_000
const AT_ONCE = 3
export const ACCEPTED = '.png,.apng,.json,.charx,.yaml,.yml,.zip'

const CONTENT_TYPES: Record<string, string> = {
  png: 'image/png',
  apng: 'image/png',
  json: 'application/json',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  charx: 'application/zip',
  zip: 'application/zip',
}

export interface Arrival {
  id: number
  file: File
  state: 'waiting' | 'sending' | 'reading' | 'done' | 'failed'
  /** Share that went out or was read; null when nobody knows. */
  share: number | null
  lines: ReportLine[]
  problem: unknown
}

export const useImports = defineStore('imports', () => {
  const arrivals = shallowRef<Arrival[]>([])
  const open = ref(false)
  const busy = computed(() => arrivals.value.some((one) => one.state !== 'done' && one.state !== 'failed'))
  const taken = computed(() => arrivals.value.flatMap((one) => one.lines).filter((line) => line.outcome !== 'left_out').length)
  const lost = computed(() => arrivals.value.filter((one) => one.state === 'failed').length)
  let running = 0
  let last = 0

  function add(files: readonly File[]): void {
    arrivals.value = [
      ...arrivals.value,
      ...files.map((file): Arrival => ({ id: (last += 1), file, state: 'waiting', share: null, lines: [], problem: null })),
    ]
    open.value = true
    pump()
  }

  function retry(arrival: Arrival): void {
    Object.assign(arrival, { state: 'waiting', problem: null, lines: [], share: null })
    triggerRef(arrivals)
    pump()
  }

  function clear(): void {
    arrivals.value = arrivals.value.filter((one) => one.state !== 'done' && one.state !== 'failed')
    if (!arrivals.value.length) open.value = false
  }

  function pump(): void {
    const waiting = arrivals.value.filter((one) => one.state === 'waiting')
    for (const arrival of waiting.slice(0, AT_ONCE - running)) {
      running += 1
      void take(arrival).finally(async () => {
        running -= 1
        pump()
        if (!busy.value) await Promise.all([useShelf().reload(), useShelf().loadTags()])
      })
    }
  }

  async function take(arrival: Arrival): Promise<void> {
    step(arrival, { state: 'sending', share: null })
    try {
      const { file } = arrival
      const lines = file.size <= SMALL_BYTES ? await takeSmall(arrival) : await takeLarge(arrival)
      const lost = lines.length > 0 && lines.every((line) => line.outcome === 'left_out')
      step(arrival, { state: lost ? 'failed' : 'done', lines, share: 1 })
    } catch (problem) {
      step(arrival, { state: 'failed', problem })
    }
  }

  async function takeSmall(arrival: Arrival): Promise<ReportLine[]> {
    const answer = await charactersApi.import(arrival.file)
    return isJob(answer) ? followed(arrival, answer) : [answer.line]
  }

  async function takeLarge(arrival: Arrival): Promise<ReportLine[]> {
    const { file } = arrival
    const ending = file.name.split('.').pop()?.toLowerCase() ?? ''
    const upload = await jobsApi.startUpload({
      filename: file.name,
      size: file.size,
      content_type: CONTENT_TYPES[ending] ?? 'application/octet-stream',
      purpose: 'character',
    })
    await sendToBucket(upload, file, (share) => step(arrival, { share }))
    return followed(arrival, await jobsApi.finishUpload(upload.id))
  }

  async function followed(arrival: Arrival, job: Job): Promise<ReportLine[]> {
    step(arrival, { state: 'reading', share: null })
    const done = await followJob(job, (now) => step(arrival, { share: now.total ? now.done / now.total : null }))
    return done.report
  }

  function step(arrival: Arrival, change: Partial<Arrival>): void {
    Object.assign(arrival, change)
    triggerRef(arrivals)
  }

  return { arrivals, open, busy, taken, lost, add, retry, clear }
})

/** Whether another try with the same file may end otherwise. */
export function mayRetry(arrival: Arrival): boolean {
  const { problem } = arrival
  if (arrival.state !== 'failed' || !(problem instanceof AppProblem)) return false
  return problem.passing || ['quota_exceeded', 'storage_full', 'internal', 'error'].includes(problem.code) || problem.status >= 500
}

function isJob(answer: ImportedCharacter | Job): answer is Job {
  return 'status' in answer
}

/** Files on their way in: a few at once, small ones in a request, large ones through the bucket and a job. */
import { computed, ref, shallowRef, triggerRef } from 'vue'
import { AppProblem } from '@/api/http'
import { followJob, jobsApi, sendToBucket } from '@/api/jobs'
import type { Job, ReportLine } from '@/api/schema'

/** What one request takes. */
const SMALL_BYTES = 4_000_000

export interface Arrival {
  id: number
  file: File
  state: 'waiting' | 'sending' | 'reading' | 'done' | 'failed'
  /** Share that went out or was read; null when nobody knows. */
  share: number | null
  lines: ReportLine[]
  problem: unknown
}

export function arriving(doors: {
  atOnce: number
  purpose: Parameters<typeof jobsApi.startUpload>[0]['purpose']
  typeOf: (file: File) => string
  take: (file: File) => Promise<{ line: ReportLine } | Job>
  /** What came of one file, before it is said to be in. */
  took?: (lines: readonly ReportLine[]) => Promise<void>
  /** After the last one. */
  ended?: () => Promise<unknown>
}) {
  const arrivals = shallowRef<Arrival[]>([])
  const open = ref(false)
  const ended = computed(() => arrivals.value.filter(over).length)
  const busy = computed(() => ended.value < arrivals.value.length)
  const lost = computed(() => arrivals.value.filter((one) => one.state === 'failed').length)
  const taken = computed(() => arrivals.value.flatMap((one) => one.lines).filter((line) => line.outcome !== 'left_out').length)
  let running = 0
  let last = 0

  function add(files: readonly File[]): void {
    const fresh = files.map((file): Arrival => ({ id: (last += 1), file, state: 'waiting', share: null, lines: [], problem: null }))
    arrivals.value = [...arrivals.value, ...fresh]
    open.value = true
    pump()
  }

  function retry(id: number): void {
    const arrival = arrivals.value.find((one) => one.id === id)
    if (arrival) step(arrival, { state: 'waiting', problem: null, lines: [], share: null })
    pump()
  }

  function clear(): void {
    arrivals.value = arrivals.value.filter((one) => !over(one))
    if (!arrivals.value.length) open.value = false
  }

  function pump(): void {
    const waiting = arrivals.value.filter((one) => one.state === 'waiting')
    for (const arrival of waiting.slice(0, doors.atOnce - running)) {
      running += 1
      void bring(arrival).finally(async () => {
        running -= 1
        pump()
        if (!busy.value) await doors.ended?.()
      })
    }
  }

  async function bring(arrival: Arrival): Promise<void> {
    step(arrival, { state: 'sending', share: null })
    try {
      const lines = arrival.file.size <= SMALL_BYTES ? await bySelf(arrival) : await byBucket(arrival)
      await doors.took?.(lines)
      step(arrival, { state: lines.every((line) => line.outcome === 'left_out') ? 'failed' : 'done', lines, share: 1 })
    } catch (problem) {
      step(arrival, { state: 'failed', problem })
    }
  }

  async function bySelf(arrival: Arrival): Promise<ReportLine[]> {
    const answer = await doors.take(arrival.file)
    return 'status' in answer ? followed(arrival, answer) : [answer.line]
  }

  async function byBucket(arrival: Arrival): Promise<ReportLine[]> {
    const { file } = arrival
    const upload = await jobsApi.startUpload({ filename: file.name, size: file.size, content_type: doors.typeOf(file), purpose: doors.purpose })
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

  return { arrivals, open, ended, busy, taken, lost, add, retry, clear }
}

const over = ({ state }: Arrival) => state === 'done' || state === 'failed'

/** Whether another try with the same file may end otherwise. */
export function mayRetry({ state, problem }: Arrival): boolean {
  if (state !== 'failed' || !(problem instanceof AppProblem)) return false
  return problem.passing || ['quota_exceeded', 'storage_full', 'internal', 'error'].includes(problem.code) || problem.status >= 500
}

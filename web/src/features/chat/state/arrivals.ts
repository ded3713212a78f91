/** Chat files on their way in, one after the other: small ones in a request, large ones through the bucket and a job. */
import { defineStore } from 'pinia'
import { computed, shallowRef, triggerRef } from 'vue'
import { chatsApi, type Partner } from '@/api/chats'
import { followJob, jobsApi, sendToBucket } from '@/api/jobs'
import { useChatShelf } from './shelf'

const SMALL_BYTES = 4_000_000
const FILE_TYPE = 'application/octet-stream'
export const CHAT_FILES = '.jsonl,.json'

export interface Arrival {
  id: number
  file: File
  partner: Partner
  state: 'waiting' | 'sending' | 'reading' | 'done' | 'failed'
  /** Share that went out or was read; null when nobody knows. */
  share: number | null
  /** Messages read so far, of how many. */
  count: { done: number; total: number } | null
  chatId: string | null
  problem: unknown
}

export const useChatArrivals = defineStore('chat-arrivals', () => {
  const arrivals = shallowRef<Arrival[]>([])
  const busy = computed(() => arrivals.value.some(isUnderWay))
  let last = 0
  let running = false

  /** The chats that the files become, as soon as all of them have ended. */
  async function add(partner: Partner, files: Iterable<File>): Promise<string[]> {
    const mine = [...files].map((file): Arrival => {
      last += 1
      return { id: last, file, partner, state: 'waiting', share: null, count: null, chatId: null, problem: null }
    })
    arrivals.value = [...arrivals.value, ...mine]
    await pump()
    return mine.flatMap((one) => one.chatId ?? [])
  }

  function dismiss(id: number): void {
    arrivals.value = arrivals.value.filter((one) => one.id !== id || isUnderWay(one))
  }

  async function pump(): Promise<void> {
    if (running) return
    running = true
    for (let next = waiting(); next; next = waiting()) await take(next)
    running = false
  }

  const waiting = () => arrivals.value.find((one) => one.state === 'waiting')

  async function take(arrival: Arrival): Promise<void> {
    step(arrival, { state: 'sending' })
    try {
      const chatId = arrival.file.size <= SMALL_BYTES ? await takeSmall(arrival) : await takeLarge(arrival)
      step(arrival, { state: 'done', share: 1, chatId })
      void useChatShelf().load()
    } catch (problem) {
      step(arrival, { state: 'failed', problem })
    }
  }

  async function takeSmall({ file, partner }: Arrival): Promise<string> {
    return (await chatsApi.import(partner, new Blob([file], { type: FILE_TYPE }), file.name)).id
  }

  async function takeLarge(arrival: Arrival): Promise<string | null> {
    const { file, partner } = arrival
    const upload = await jobsApi.startUpload({
      filename: file.name,
      size: file.size,
      content_type: FILE_TYPE,
      purpose: 'chat',
      ...partner,
    })
    await sendToBucket(upload, file, (share) => step(arrival, { share }))
    const job = await jobsApi.finishUpload(upload.id)
    step(arrival, { state: 'reading', share: null })
    const ended = await followJob(job, ({ done, total }) => {
      // Before its lines are counted, the file is one thing.
      if (total && total > 1) step(arrival, { share: done / total, count: { done, total } })
    })
    return ended.report[0]?.id ?? null
  }

  function step(arrival: Arrival, change: Partial<Arrival>): void {
    Object.assign(arrival, change)
    triggerRef(arrivals)
  }

  return { arrivals, busy, add, dismiss }
})

export function isUnderWay({ state }: Arrival): boolean {
  return state !== 'done' && state !== 'failed'
}

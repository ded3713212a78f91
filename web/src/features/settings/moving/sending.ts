/** An archive on its way to the bucket, in slices: three at once, each tried again, and only those that are missing. */
import { AppProblem } from '@/api/http'
import { sendToBucket } from '@/api/jobs'
import { movesApi } from '@/api/moves'

const AT_ONCE = 3
const FORMS_AT_ONCE = 6
const WAITS_MS = [1_000, 4_000, 15_000]

export async function send(moveId: string, archive: Blob, told: (share: number) => void, signal: AbortSignal): Promise<void> {
  const { there, count, slice_bytes: step } = await movesApi.slices(moveId)
  const missing = Array.from({ length: count }, (_, number) => number).filter((number) => !there.includes(number))
  const out = new Map<number, number>()
  const arrived = there.length * step
  const tell = () => told(Math.min(1, (arrived + [...out.values()].reduce((sum, one) => sum + one, 0)) / archive.size))
  tell()
  while (missing.length) {
    const numbers = missing.splice(0, FORMS_AT_ONCE)
    const forms = await patiently(() => movesApi.forms(moveId, numbers), signal)
    const queue = numbers.map((number, place) => ({ number, form: forms[place]! }))
    const worker = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { number, form } = next
        const slice = archive.slice(number * step, (number + 1) * step, 'application/octet-stream')
        const heard = (share: number) => {
          out.set(number, share * slice.size)
          tell()
        }
        await patiently(() => sendToBucket(form, slice, heard, signal), signal)
        heard(1)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }
}

/** Tries again where the way there failed for a moment. */
async function patiently<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tried = 0; ; tried += 1) {
    try {
      return await act()
    } catch (problem) {
      const wait = WAITS_MS[tried]
      const passing = problem instanceof AppProblem && (problem.passing || problem.code === 'network' || problem.status >= 500)
      if (wait === undefined || !passing || signal.aborted) throw problem
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

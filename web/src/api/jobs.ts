/** Long work on the server, and uploads too large for one request. */
import { AppProblem, http } from './http'
import type { Job, NewUpload, Upload } from './schema'

const POLL_MS = [400, 700, 1000, 1500, 2000]

export const jobsApi = {
  get: (id: string, signal?: AbortSignal) => http.get<Job>(`/jobs/${id}`, { signal }),
  startUpload: (body: NewUpload) => http.post<Upload>('/uploads', { body }),
  finishUpload: (id: string) => http.post<Job>(`/uploads/${id}/finish`),
}

/** Waits for a job's end and tells each step. Raises AppProblem when it failed. */
export async function followJob(job: Job, told: (job: Job) => void, signal?: AbortSignal): Promise<Job> {
  let now = job
  for (let round = 0; now.status === 'queued' || now.status === 'running'; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS[Math.min(round, POLL_MS.length - 1)]))
    signal?.throwIfAborted()
    now = await jobsApi.get(now.id, signal)
    told(now)
  }
  if (now.status === 'failed') throw new AppProblem(now.code ?? 'internal', now.error ?? '', { status: 200 })
  return now
}

/** Sends a file straight to the bucket by the form it was given; `told` hears the share that went out. */
export function sendToBucket(upload: Upload, file: Blob, told: (share: number) => void, signal?: AbortSignal): Promise<void> {
  const form = new FormData()
  for (const [name, value] of Object.entries(upload.fields)) form.append(name, value)
  // The bucket reads fields up to the file and no further: it comes last.
  form.append('file', file)
  return new Promise((resolve, reject) => {
    // fetch tells nothing of what has gone out.
    const request = new XMLHttpRequest()
    const failed = (code: string) => reject(new AppProblem(code, '', { status: request.status }))
    request.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total)
    request.onload = () =>
      request.status < 300 ? resolve() : failed(request.status === 413 ? 'too_large' : 'unavailable')
    request.onerror = () => failed('network')
    request.onabort = () => reject(new DOMException('Aborted', 'AbortError'))
    signal?.addEventListener('abort', () => request.abort())
    request.open('POST', upload.url)
    request.send(form)
  })
}

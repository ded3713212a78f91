/** What went wrong, in one shape, whoever says it: our doors, the gateway before them, or the network. */

interface Extras {
  status: number
  fields?: Record<string, string>
  details?: Record<string, unknown>
}

export class AppProblem extends Error {
  readonly code: string
  readonly status: number
  /** Path of an input → what is wrong with it. */
  readonly fields: Record<string, string>
  readonly details: Record<string, unknown>

  constructor(code: string, message: string, { status, fields = {}, details = {} }: Extras) {
    super(message)
    this.name = 'AppProblem'
    this.code = code
    this.status = status
    this.fields = fields
    this.details = details
  }

  /** Whether another attempt may go through by itself. */
  get passing(): boolean {
    return this.code === 'network' || this.code === 'unavailable'
  }

  get retryAfterSeconds(): number | null {
    const seconds = this.details.retry_after_seconds
    return typeof seconds === 'number' ? seconds : null
  }
}

/** The problem an answer tells of; an answer that is not ours (a proxy's page) becomes a plain one. */
export async function problemOf(answer: Response): Promise<AppProblem> {
  const told = await answer.json().catch(() => null)
  const error = told && typeof told === 'object' ? (told as { error?: unknown }).error : null
  if (error && typeof error === 'object') {
    const { code, message, fields, ...details } = error as Record<string, unknown>
    return new AppProblem(String(code ?? 'error'), String(message ?? ''), {
      status: answer.status,
      fields: (fields ?? {}) as Record<string, string>,
      details: withRetry(details, answer),
    })
  }
  const code = answer.status === 413 ? 'too_large' : answer.status >= 502 ? 'unavailable' : 'error'
  return new AppProblem(code, '', { status: answer.status, details: withRetry({}, answer) })
}

function withRetry(details: Record<string, unknown>, answer: Response): Record<string, unknown> {
  const seconds = Number(answer.headers.get('retry-after'))
  return seconds > 0 && !('retry_after_seconds' in details) ? { ...details, retry_after_seconds: seconds } : details
}

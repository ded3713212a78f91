/** A problem as a sentence in the reader's language. */
import { AppProblem } from '@/api/http'
import { i18n } from './i18n'

/** The doors speak English; other readers get our own sentence for the code where we have one. */
export function sentenceOf(problem: unknown): string {
  const { t, te, locale } = i18n.global
  if (!(problem instanceof AppProblem)) return t('problems.internal')
  const ours = `problems.${problem.code}`
  const known = te(ours) || te(ours, 'en')
  if (problem.code === 'quota_exceeded' && problem.retryAfterSeconds)
    return t('problems.quota_exceeded_until', { seconds: Math.ceil(problem.retryAfterSeconds) })
  const server = problem.message.trim()
  if (known && (locale.value !== 'en' || !server || problem.code === 'network')) return t(ours)
  return server || t('problems.internal')
}

/** What is wrong with one input, or undefined. `name` is its path: `password`, `samplers.top_p`. */
export function fieldSentence(problem: unknown, name: string): string | undefined {
  if (!(problem instanceof AppProblem)) return undefined
  const said = problem.fields[name]
  if (said === undefined) return undefined
  return i18n.global.locale.value === 'en' ? said : i18n.global.t('problems.field')
}

import { expect, test } from 'vitest'
import { AppProblem } from '@/api/http'
import { mayRetry, type Arrival } from './arriving'

function failed(code: string, status: number): Arrival {
  const problem = new AppProblem(code, '', { status })
  return { id: 1, file: new File([], 'wen.png'), state: 'failed', share: null, lines: [], problem }
}

test.each([
  ['network', 0],
  ['unavailable', 503],
  ['internal', 500],
  ['quota_exceeded', 429],
  ['storage_full', 429],
])('a file that failed by %s may be tried again', (code, status) => expect(mayRetry(failed(code, status))).toBe(true))

test.each([
  ['invalid_card', 422],
  ['too_large', 413],
])('a file that failed by %s stays what it is', (code, status) => expect(mayRetry(failed(code, status))).toBe(false))

test('what came in is not tried again', () => {
  expect(mayRetry({ ...failed('network', 0), state: 'done' })).toBe(false)
})

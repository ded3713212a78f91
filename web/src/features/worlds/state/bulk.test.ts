import { afterEach, expect, test, vi } from 'vitest'
import { useBulk } from './bulk'

const ANSWER = { changed: [], world: { id: 'w', name: 'W', entry_count: 3, revision: 2 } }

afterEach(() => vi.unstubAllGlobals())

/** A server that answers when it is told to; what it was asked. */
function server() {
  const asked: { uids: number[]; more: boolean }[] = []
  const answers: ((answer: Response) => void)[] = []
  vi.stubGlobal('fetch', (_: string, init: { body: string }) => {
    asked.push(JSON.parse(init.body) as (typeof asked)[number])
    return new Promise<Response>((go) => answers.push(go))
  })
  const answer = async (status = 200) => {
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(0))
    const body = status === 200 ? ANSWER : { error: { code: 'world_full', message: 'No.' } }
    answers.shift()!(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } }))
  }
  return { asked, answer }
}

test('requests go one after the other, the last says so, and how far they are is told', async () => {
  const { asked, answer } = server()
  const bulk = useBulk('w', () => {})
  const sent = bulk.send([{ uids: [1, 2] }, { uids: [3] }])
  expect(bulk.progress.value).toEqual({ done: 0, all: 3 })
  await answer()
  await vi.waitFor(() => expect(bulk.progress.value).toEqual({ done: 2, all: 3 }))
  await answer()
  await sent
  expect(bulk.progress.value).toBeNull()
  expect(asked.map(({ uids, more }) => [uids, more])).toEqual([[[1, 2], true], [[3], false]])
})

test('one request alone needs no bar, and a refusal leaves none behind', async () => {
  const { answer } = server()
  const bulk = useBulk('w', () => {})
  const sent = bulk.send([{ uids: [1] }])
  expect(bulk.progress.value).toBeNull()
  await answer()
  await sent
  const refused = bulk.send([{ uids: [1] }, { uids: [2] }])
  const ended = expect(refused).rejects.toMatchObject({ code: 'world_full' })
  await answer(400)
  await ended
  expect(bulk.progress.value).toBeNull()
})

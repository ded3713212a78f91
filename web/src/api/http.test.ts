import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { every } from './every'
import { AppProblem, http, keepAccess, onSignedOut } from './http'

interface Seen {
  method: string
  path: string
  headers: Headers
}

const ACCOUNT = { id: 'a', name: 'Ada', email: 'ada@example.org' }
let seen: Seen[] = []
let answers: ((request: Seen) => Response)[] = []
const realFetch = globalThis.fetch

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })
const signedIn = (token: string) => json(200, { access_token: token, expires_in_seconds: 600, account: ACCOUNT })
const refused = (status: number, code: string, extra = {}) => json(status, { error: { code, message: `About ${code}.`, ...extra } })

/** A server of a few prepared answers, in order. */
function serve(...prepared: ((request: Seen) => Response)[]): void {
  answers = prepared
}

beforeEach(() => {
  seen = []
  keepAccess({ access_token: 'first', expires_in_seconds: 600, account: ACCOUNT } as never)
  onSignedOut(() => {})
  globalThis.fetch = async (input, init) => {
    const request = { method: init?.method ?? 'GET', path: String(input), headers: new Headers(init?.headers) }
    seen.push(request)
    const answer = answers.shift()
    if (!answer) throw new TypeError('nobody answers')
    return answer(request)
  }
})

afterEach(() => {
  globalThis.fetch = realFetch
})

describe('a request', () => {
  test('carries the token and leaves out empty questions', async () => {
    serve(() => json(200, { items: [] }))
    await http.get('/characters', { query: { search: '', tag: null, limit: 60, trash: false } })
    expect(seen[0]!.path).toBe('/api/characters?limit=60&trash=false')
    expect(seen[0]!.headers.get('authorization')).toBe('Bearer first')
  })

  test('that posts carries an idempotency key of its own', async () => {
    serve(() => json(201, {}), () => json(201, {}))
    await http.post('/chats', { body: {} })
    await http.post('/chats', { body: {} })
    const keys = seen.map((one) => one.headers.get('idempotency-key'))
    expect(keys[0]).toBeTruthy()
    expect(keys[0]).not.toBe(keys[1])
  })

  test('for a list asks on until its end', async () => {
    serve(() => json(200, { items: ['one', 'two'], next: 'there' }), () => json(200, { items: ['three'], next: null }))
    expect(await every('/personas')).toEqual(['one', 'two', 'three'])
    expect(seen.map((one) => one.path)).toEqual(['/api/personas?limit=100', '/api/personas?limit=100&cursor=there'])
  })

  test('answered with nothing gives nothing', async () => {
    serve(() => new Response(null, { status: 204 }))
    expect(await http.delete('/chats/1')).toBeUndefined()
  })
})

describe('a token that ran out', () => {
  test('is renewed once, and the request is sent again with the same key', async () => {
    serve(
      () => refused(401, 'token_expired'),
      () => signedIn('second'),
      () => json(201, { id: 'c' }),
    )
    expect(await http.post('/chats', { body: {} })).toEqual({ id: 'c' })
    expect(seen.map((one) => one.path)).toEqual(['/api/chats', '/api/auth/refresh', '/api/chats'])
    expect(seen[2]!.headers.get('authorization')).toBe('Bearer second')
    expect(seen[2]!.headers.get('idempotency-key')).toBe(seen[0]!.headers.get('idempotency-key'))
  })

  test('is renewed by one request for all that wait', async () => {
    keepAccess({ access_token: 'old', expires_in_seconds: 0, account: ACCOUNT } as never)
    serve(
      () => signedIn('second'),
      () => json(200, 1),
      () => json(200, 2),
    )
    await Promise.all([http.get('/account'), http.get('/chats')])
    expect(seen.filter((one) => one.path === '/api/auth/refresh')).toHaveLength(1)
  })

  test('and cannot be renewed signs out', async () => {
    let out = 0
    onSignedOut(() => (out += 1))
    serve(
      () => refused(401, 'token_expired'),
      () => refused(401, 'session_ended'),
    )
    await expect(http.get('/account')).rejects.toMatchObject({ code: 'token_expired', status: 401 })
    expect(out).toBe(1)
  })
})

describe('a failure', () => {
  test('tells its code, fields and details', async () => {
    serve(() => refused(409, 'conflict', { fields: { name: 'Too short.' }, yours: { revision: 1 }, theirs: { revision: 2 } }))
    const problem = await http.patch('/presets/1', { body: {} }).catch((error: unknown) => error)
    expect(problem).toBeInstanceOf(AppProblem)
    expect(problem).toMatchObject({
      code: 'conflict',
      message: 'About conflict.',
      fields: { name: 'Too short.' },
      details: { yours: { revision: 1 }, theirs: { revision: 2 } },
    })
  })

  test('says when to come back', async () => {
    serve(() => json(429, { error: { code: 'quota_exceeded', message: 'Slow down.' } }, { 'retry-after': '30' }))
    await expect(http.post('/chats')).rejects.toMatchObject({ retryAfterSeconds: 30 })
  })

  test('of the network is tried again when reading', async () => {
    serve(
      () => {
        throw new TypeError('offline')
      },
      () => json(200, 'here'),
    )
    expect(await http.get('/account')).toBe('here')
  })

  test('of the network is not repeated when writing', async () => {
    serve()
    await expect(http.post('/chats')).rejects.toMatchObject({ code: 'network' })
    expect(seen).toHaveLength(1)
  })

  test("of somebody else's page has a code of ours", async () => {
    serve(() => new Response('<html>', { status: 413, headers: { 'content-type': 'text/html' } }))
    await expect(http.post('/characters/import')).rejects.toMatchObject({ code: 'too_large' })
  })
})

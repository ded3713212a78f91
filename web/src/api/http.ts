/**
 * The one way to the REST doors: JSON in and out, the access token in memory, one refresh at a time across tabs,
 * an Idempotency-Key on every POST so that a repeated one does its work once, and every failure an `AppProblem`.
 */
import { AppProblem, problemOf } from './problem'
import type { SignedIn } from './schema'

export { AppProblem } from './problem'

export type Query = Record<string, string | number | boolean | null | undefined>

export interface Ask {
  query?: Query
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is; the Blob's type becomes the content type. */
  raw?: Blob
  signal?: AbortSignal
  /** Ties repeated attempts of one wish together; made up when missing. */
  idempotencyKey?: string
  headers?: Record<string, string>
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const ROOT = '/api'
const RETRY_WAITS_MS = [300, 1200]
const REFRESH_MARGIN_MS = 20_000

let access: { token: string; endsAt: number } | null = null
let refreshing: Promise<SignedIn> | null = null
let whenSignedOut: () => void = () => {}

export const http = {
  get: <T>(path: string, ask: Ask = {}) => send<T>('GET', path, ask),
  post: <T>(path: string, ask: Ask = {}) => send<T>('POST', path, ask),
  put: <T>(path: string, ask: Ask = {}) => send<T>('PUT', path, ask),
  patch: <T>(path: string, ask: Ask = {}) => send<T>('PATCH', path, ask),
  delete: <T = undefined>(path: string, ask: Ask = {}) => send<T>('DELETE', path, ask),
}

/** Keeps the token of a sign-in; null forgets it. */
export function keepAccess(signedIn: SignedIn | null): void {
  access = signedIn && { token: signedIn.access_token, endsAt: Date.now() + signedIn.expires_in_seconds * 1000 }
}

/** What to do when the refresh token is no longer good. */
export function onSignedOut(act: () => void): void {
  whenSignedOut = act
}

/** A token that is good for at least some seconds, fetched anew when needed. */
export async function accessToken(): Promise<string | null> {
  if (access && access.endsAt - REFRESH_MARGIN_MS < Date.now()) await refresh()
  return access?.token ?? null
}

/** Trades the refresh cookie for a new access token. Raises AppProblem when nobody is signed in. */
export function refresh(): Promise<SignedIn> {
  refreshing ??= inTurn(async () => {
    const signedIn = await once<SignedIn>('POST', '/auth/refresh', {}, null)
    keepAccess(signedIn)
    return signedIn
  }).finally(() => {
    refreshing = null
  })
  return refreshing
}

/** The refresh token rotates: tabs take turns, so that none shows a token another one has just used. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (!('locks' in navigator) || !navigator.locks) return work()
  return navigator.locks.request('tavern-refresh', work) as Promise<T>
}

async function send<T>(method: Method, path: string, ask: Ask): Promise<T> {
  const wish: Ask = method === 'POST' ? { ...ask, idempotencyKey: ask.idempotencyKey ?? newKey() } : ask
  const token = await tokenFor(path)
  try {
    return await patiently<T>(method, path, wish, token)
  } catch (problem) {
    if (!(problem instanceof AppProblem) || problem.status !== 401 || token === null) throw problem
    // Another request may have fetched a new token meanwhile.
    const fresh = access && access.token !== token ? access.token : await renewed(problem)
    return patiently<T>(method, path, wish, fresh)
  }
}

/** 128 random bits. `crypto.randomUUID` is missing where a phone opens the page over plain HTTP. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function tokenFor(path: string): Promise<string | null> {
  if (path.startsWith('/auth/') && path !== '/auth/sign-out') return null
  try {
    return await accessToken()
  } catch (problem) {
    if (problem instanceof AppProblem && problem.status === 401) signedOut()
    throw problem
  }
}

async function renewed(first: AppProblem): Promise<string> {
  try {
    return (await refresh()).access_token
  } catch (problem) {
    if (!(problem instanceof AppProblem) || problem.status !== 401) throw problem
    signedOut()
    throw first
  }
}

function signedOut(): void {
  keepAccess(null)
  whenSignedOut()
}

/** Reading may be tried again when the way there failed; writing is left to the person who asked. */
async function patiently<T>(method: Method, path: string, ask: Ask, token: string | null): Promise<T> {
  const waits = method === 'GET' ? [...RETRY_WAITS_MS] : []
  for (;;) {
    try {
      return await once<T>(method, path, ask, token)
    } catch (problem) {
      const wait = problem instanceof AppProblem && problem.passing ? waits.shift() : undefined
      if (wait === undefined || ask.signal?.aborted) throw problem
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

async function once<T>(method: Method, path: string, ask: Ask, token: string | null): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', ...ask.headers }
  if (token) headers.Authorization = `Bearer ${token}`
  if (ask.idempotencyKey) headers['Idempotency-Key'] = ask.idempotencyKey
  let body: BodyInit | undefined
  if (ask.raw) {
    headers['Content-Type'] = ask.raw.type || 'application/octet-stream'
    body = ask.raw
  } else if (ask.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(ask.body)
  }
  let answer: Response
  try {
    answer = await fetch(ROOT + path + queryOf(ask.query), {
      method,
      headers,
      body,
      signal: ask.signal,
      credentials: 'same-origin',
      // A deletion that waited for its undo is sent while the page is being left.
      keepalive: method === 'DELETE',
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new AppProblem('network', 'The server cannot be reached.', { status: 0 })
  }
  if (!answer.ok) throw await problemOf(answer)
  if (answer.status === 204) return undefined as T
  const type = answer.headers.get('content-type') ?? ''
  if (!type.includes('json')) throw new AppProblem('network', 'The server answered something else.', { status: 0 })
  return (await answer.json()) as T
}

function queryOf(query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : ''
}

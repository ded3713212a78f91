/**
 * Drafts and unsent turns, kept in the browser so that a closed tab loses nothing and sends once.
 *
 * A turn carries its idempotency key from the moment it is written down; the server takes a key once, so a second
 * sending is harmless. Two tabs keep from trying it by a lock on each turn, which a dying tab lets go of at once, and by
 * a short lease in the database, renewed while sending: plain HTTP in the home network has no Web Locks, and a frozen
 * tab keeps its own. Each user has a database of their own: nobody sends what somebody else wrote.
 */

import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

import { systemClock, type Clock } from './clock'
import { webLocks, type TryLock } from './locks'

export interface Draft {
  chatId: string
  text: string
  updatedAt: number
}

export interface UnsentTurn<Body = unknown> {
  /** The idempotency key. */
  key: string
  chatId: string
  body: Body
  createdAt: number
  /** Until when a tab has it in hand. */
  claimedUntil: number
  attempts: number
}

/**
 * What became of a sending. `sent`: the server has it. `refused`: it never will (the turn is dropped and handed back).
 * `later`: nobody knows, the same key goes out again.
 */
export type Delivery = 'sent' | 'refused' | 'later'


export interface OutboxOptions {
  userId: string
  clock?: Clock
  /** null where tabs have no locks: the leases alone keep them apart. */
  tryLock?: TryLock | null
  newKey?: () => string
}

interface Schema extends DBSchema {
  drafts: { key: string; value: Draft }
  turns: { key: string; value: UnsentTurn; indexes: { chat: string } }
}

/** After a crash of the tab another one takes over, without locks at the latest after this. */
export const CLAIM_MS = 10_000
/** Often enough that one renewal may be late. */
const RENEW_MS = 3_000
/** The server remembers a key for a day; an older turn could be taken twice. */
export const TURN_KEPT_MS = 23 * 3_600_000
const DRAFTS_KEPT_MS = 90 * 24 * 3_600_000

export class Outbox<Body = unknown> {
  private readonly clock: Clock
  private readonly tryLock: TryLock | null
  /** How to let go of the turns this tab has in hand. */
  private readonly held = new Map<string, () => void>()
  private readonly newKey: () => string

  private constructor(
    private readonly database: IDBPDatabase<Schema>,
    private readonly name: string,
    options: OutboxOptions,
  ) {
    this.clock = options.clock ?? systemClock
    this.tryLock = options.tryLock === undefined ? webLocks() : options.tryLock
    this.newKey = options.newKey ?? randomKey
  }

  static async open<Body = unknown>(options: OutboxOptions): Promise<Outbox<Body>> {
    const name = `tavern-outbox-${options.userId}`
    const database = await openDB<Schema>(name, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('drafts', { keyPath: 'chatId' })
        fresh.createObjectStore('turns', { keyPath: 'key' }).createIndex('chat', 'chatId')
      },
    })
    return new Outbox<Body>(database, name, options)
  }

  close(): void {
    this.database.close()
  }

  // --- drafts

  async draft(chatId: string): Promise<string> {
    return (await this.database.get('drafts', chatId))?.text ?? ''
  }

  async saveDraft(chatId: string, text: string): Promise<void> {
    if (text === '') await this.database.delete('drafts', chatId)
    else await this.database.put('drafts', { chatId, text, updatedAt: this.clock.now() })
  }

  // --- turns

  /** Writes a turn down and clears the chat's draft, in one transaction. The turn is claimed for the caller. */
  async add(chatId: string, body: Body): Promise<UnsentTurn<Body>> {
    const now = this.clock.now()
    const turn: UnsentTurn<Body> = {
      key: this.newKey(),
      chatId,
      body,
      createdAt: now,
      claimedUntil: now + CLAIM_MS,
      attempts: 0,
    }
    await this.take(turn.key)
    const change = this.database.transaction(['drafts', 'turns'], 'readwrite')
    await Promise.all([change.objectStore('turns').put(turn), change.objectStore('drafts').delete(chatId), change.done])
    return turn
  }

  async unsent(chatId: string): Promise<UnsentTurn<Body>[]> {
    const turns = (await this.database.getAllFromIndex('turns', 'chat', chatId)) as UnsentTurn<Body>[]
    return turns.sort((a, b) => a.createdAt - b.createdAt)
  }

  /** Sends one turn that the caller has claimed by `add`. */
  async deliver(turn: UnsentTurn<Body>, send: (turn: UnsentTurn<Body>) => Promise<Delivery>): Promise<Delivery> {
    let outcome: Delivery = 'later'
    const stop = this.renewing(turn.key)
    try {
      outcome = await send(turn)
    } finally {
      stop()
      if (outcome === 'later') await this.claimUntil(turn.key, 0)
      else await this.database.delete('turns', turn.key)
      this.letGo(turn.key)
    }
    return outcome
  }

  /** Sends what nobody has in hand, oldest first. */
  async flush(send: (turn: UnsentTurn<Body>) => Promise<Delivery>): Promise<void> {
    const letGo = await this.tryLock?.(this.name)
    if (letGo === null) return
    try {
      await this.forgetOld()
      const all = (await this.database.getAll('turns')) as UnsentTurn<Body>[]
      for (const { key } of all.sort((a, b) => a.createdAt - b.createdAt)) {
        const turn = await this.claim(key)
        if (turn) await this.deliver(turn, send)
      }
    } finally {
      letGo?.()
    }
  }

  async drop(key: string): Promise<void> {
    await this.database.delete('turns', key)
  }

  /** The turn, if nobody alive has it in hand. */
  private async claim(key: string): Promise<UnsentTurn<Body> | null> {
    const locked = await this.take(key)
    const now = this.clock.now()
    const change = this.database.transaction('turns', 'readwrite')
    const turn = (await change.store.get(key)) as UnsentTurn<Body> | undefined
    // A lock that nobody holds: whoever had the turn is dead, however long its claim would last.
    const free = turn !== undefined && (locked || turn.claimedUntil <= now)
    const mine = free ? { ...turn, claimedUntil: now + CLAIM_MS, attempts: turn.attempts + 1 } : null
    if (mine) await change.store.put(mine)
    await change.done
    if (!mine) this.letGo(key)
    return mine
  }

  /** Whether this tab now holds the turn's lock. */
  private async take(key: string): Promise<boolean> {
    const letGo = await this.tryLock?.(`${this.name}/${key}`)
    if (!letGo) return false
    this.held.set(key, letGo)
    return true
  }

  private letGo(key: string): void {
    this.held.get(key)?.()
    this.held.delete(key)
  }

  /** Keeps the claim while a sending takes its time. Returns how to stop. */
  private renewing(key: string): () => void {
    let timer: unknown
    const renew = () => {
      // A database that closes under it has nothing left to keep.
      this.claimUntil(key, this.clock.now() + CLAIM_MS).catch(() => {})
      timer = this.clock.setTimeout(renew, RENEW_MS)
    }
    timer = this.clock.setTimeout(renew, RENEW_MS)
    return () => this.clock.clearTimeout(timer)
  }

  private async claimUntil(key: string, claimedUntil: number): Promise<void> {
    const change = this.database.transaction('turns', 'readwrite')
    const turn = await change.store.get(key)
    if (turn) await change.store.put({ ...turn, claimedUntil })
    await change.done
  }

  /** A turn that lay longer than the server remembers keys becomes a draft again: its writer decides. */
  private async forgetOld(): Promise<void> {
    const now = this.clock.now()
    for (const turn of await this.database.getAll('turns')) {
      if (now - turn.createdAt < TURN_KEPT_MS) continue
      const text = (turn.body as { text?: unknown } | null)?.text
      if (typeof text === 'string' && text && !(await this.draft(turn.chatId))) await this.saveDraft(turn.chatId, text)
      await this.drop(turn.key)
    }
    for (const draft of await this.database.getAll('drafts')) {
      if (now - draft.updatedAt > DRAFTS_KEPT_MS) await this.database.delete('drafts', draft.chatId)
    }
  }
}

/** 128 random bits in hexadecimal; `crypto.randomUUID` is missing over plain HTTP. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * Drafts and unsent turns, kept in the browser so that a closed tab loses nothing and sends once.
 *
 * A turn carries its idempotency key from the moment it is written down; the server takes a key once, so a second
 * sending is harmless, and a lease in the database (beside Web Locks, which plain HTTP in the home network lacks) keeps
 * two tabs from trying it. Each user has a database of their own: nobody sends what somebody else wrote.
 */

import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

import { systemClock, type Clock } from './clock'

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

/** Web Locks' part that is used: runs `work` while nobody else holds `name`. */
export type WithLock = (name: string, work: () => Promise<void>) => Promise<void>

export interface OutboxOptions {
  userId: string
  clock?: Clock
  withLock?: WithLock
  newKey?: () => string
}

interface Schema extends DBSchema {
  drafts: { key: string; value: Draft }
  turns: { key: string; value: UnsentTurn; indexes: { chat: string } }
}

/** Longer than a request may take; after a crash of the tab another one takes over. */
export const CLAIM_MS = 45_000
/** The server remembers a key for a day; an older turn could be taken twice. */
export const TURN_KEPT_MS = 23 * 3_600_000
const DRAFTS_KEPT_MS = 90 * 24 * 3_600_000

export class Outbox<Body = unknown> {
  private readonly clock: Clock
  private readonly withLock: WithLock
  private readonly newKey: () => string

  private constructor(
    private readonly database: IDBPDatabase<Schema>,
    private readonly name: string,
    options: OutboxOptions,
  ) {
    this.clock = options.clock ?? systemClock
    this.withLock = options.withLock ?? browserLock
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
    try {
      outcome = await send(turn)
    } finally {
      if (outcome === 'later') await this.release(turn.key)
      else await this.database.delete('turns', turn.key)
    }
    return outcome
  }

  /** Sends what nobody has in hand, oldest first. */
  async flush(send: (turn: UnsentTurn<Body>) => Promise<Delivery>): Promise<void> {
    await this.withLock(this.name, async () => {
      await this.forgetOld()
      const all = (await this.database.getAll('turns')) as UnsentTurn<Body>[]
      for (const { key } of all.sort((a, b) => a.createdAt - b.createdAt)) {
        const turn = await this.claim(key)
        if (turn) await this.deliver(turn, send)
      }
    })
  }

  async drop(key: string): Promise<void> {
    await this.database.delete('turns', key)
  }

  private async claim(key: string): Promise<UnsentTurn<Body> | null> {
    const now = this.clock.now()
    const change = this.database.transaction('turns', 'readwrite')
    const turn = (await change.store.get(key)) as UnsentTurn<Body> | undefined
    const free = turn !== undefined && turn.claimedUntil <= now
    const mine = free ? { ...turn, claimedUntil: now + CLAIM_MS, attempts: turn.attempts + 1 } : null
    if (mine) await change.store.put(mine)
    await change.done
    return mine
  }

  private async release(key: string): Promise<void> {
    const change = this.database.transaction('turns', 'readwrite')
    const turn = await change.store.get(key)
    if (turn) await change.store.put({ ...turn, claimedUntil: 0 })
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

async function browserLock(name: string, work: () => Promise<void>): Promise<void> {
  const locks = (globalThis.navigator as { locks?: LockManager } | undefined)?.locks
  if (!locks) return work()
  await locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await work()
  })
}

/** 128 random bits in hexadecimal; `crypto.randomUUID` is missing over plain HTTP. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

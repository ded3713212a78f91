import 'fake-indexeddb/auto'
import { beforeEach, expect, test } from 'vitest'

import type { TryLock } from '../src/locks'
import { CLAIM_MS, Outbox, TURN_KEPT_MS, type Delivery, type UnsentTurn } from '../src/outbox'

let now = 0
let users = 0
const clock = { now: () => now, setTimeout: () => null, clearTimeout: () => undefined }

function open(userId: string, tryLock: TryLock | null = null): Promise<Outbox<{ text: string }>> {
  return Outbox.open({ userId, clock, tryLock })
}

/** The locks of a browser; `die` is what happens to those of a tab that is gone. */
function browser() {
  const owners = new Map<string, string>()
  return {
    tab: (tab: string): TryLock => (name) => {
      if (owners.has(name)) return Promise.resolve(null)
      owners.set(name, tab)
      return Promise.resolve(() => void owners.delete(name))
    },
    die: (tab: string) => owners.forEach((owner, name) => owner === tab && owners.delete(name)),
    owners,
  }
}

beforeEach(() => {
  now = 1_000
  users += 1
})

function sender(outcome: Delivery) {
  const sent: UnsentTurn<{ text: string }>[] = []
  const send = (turn: UnsentTurn<{ text: string }>) => {
    sent.push(turn)
    return Promise.resolve(outcome)
  }
  return { sent, send }
}

test('a draft survives a closed tab', async () => {
  const first = await open(`u${users}`)
  await first.saveDraft('c1', 'half a thought')
  first.close()
  expect(await (await open(`u${users}`)).draft('c1')).toBe('half a thought')
})

test('writing a turn down clears its draft', async () => {
  const outbox = await open(`u${users}`)
  await outbox.saveDraft('c1', 'hello')
  await outbox.add('c1', { text: 'hello' })
  expect(await outbox.draft('c1')).toBe('')
})

test('a turn that was sent is gone', async () => {
  const outbox = await open(`u${users}`)
  const { sent, send } = sender('sent')
  expect(await outbox.deliver(await outbox.add('c1', { text: 'hello' }), send)).toBe('sent')
  expect(await outbox.unsent('c1')).toEqual([])
  expect(sent).toHaveLength(1)
})

test('a turn that could not be sent goes out again with the same key', async () => {
  const outbox = await open(`u${users}`)
  const turn = await outbox.add('c1', { text: 'hello' })
  await outbox.deliver(turn, sender('later').send)
  const { sent, send } = sender('sent')
  await outbox.flush(send)
  expect(sent.map((one) => one.key)).toEqual([turn.key])
})

test('a sending that throws keeps the turn', async () => {
  const outbox = await open(`u${users}`)
  const turn = await outbox.add('c1', { text: 'hello' })
  await expect(outbox.deliver(turn, () => Promise.reject(new Error('tab is closing')))).rejects.toThrow()
  expect(await outbox.unsent('c1')).toHaveLength(1)
})

test('what a tab left in hand when it died is sent by the next one, once its claim has run out', async () => {
  const dying = await open(`u${users}`)
  await dying.add('c1', { text: 'hello' })
  dying.close()
  const next = await open(`u${users}`)
  const early = sender('sent')
  await next.flush(early.send)
  expect(early.sent).toEqual([])
  now += CLAIM_MS
  const late = sender('sent')
  await next.flush(late.send)
  expect(late.sent).toHaveLength(1)
})

test('where tabs have locks, what a dead tab left in hand is sent at once', async () => {
  const locks = browser()
  const dying = await open(`u${users}`, locks.tab('dying'))
  await dying.add('c1', { text: 'hello' })
  const next = await open(`u${users}`, locks.tab('next'))
  const early = sender('sent')
  await next.flush(early.send)
  expect(early.sent).toEqual([])
  locks.die('dying')
  const late = sender('sent')
  await next.flush(late.send)
  expect(late.sent).toHaveLength(1)
  expect(locks.owners.size).toBe(0)
})

test('a frozen tab keeps its lock, but not its claim', async () => {
  const locks = browser()
  const frozen = await open(`u${users}`, locks.tab('frozen'))
  await frozen.add('c1', { text: 'hello' })
  now += CLAIM_MS
  const { sent, send } = sender('sent')
  await (await open(`u${users}`, locks.tab('next'))).flush(send)
  expect(sent).toHaveLength(1)
})

test('a sending that takes its time keeps its claim', async () => {
  const timers: (() => void)[] = []
  const ticking = { ...clock, setTimeout: (run: () => void) => timers.push(run) }
  const slow = await Outbox.open<{ text: string }>({ userId: `u${users}`, clock: ticking, tryLock: null })
  const turn = await slow.add('c1', { text: 'hello' })
  let arrive = (_: Delivery) => {}
  const sending = slow.deliver(turn, () => new Promise((resolve) => (arrive = resolve)))
  now += CLAIM_MS - 1
  timers.shift()?.()
  now += CLAIM_MS - 1
  const { sent, send } = sender('sent')
  await (await open(`u${users}`)).flush(send)
  expect(sent).toEqual([])
  arrive('sent')
  await sending
  expect(await slow.unsent('c1')).toEqual([])
})

test('two tabs that flush at the same moment send once', async () => {
  const one = await open(`u${users}`)
  const two = await open(`u${users}`)
  const turn = await one.add('c1', { text: 'hello' })
  await one.deliver(turn, sender('later').send)
  const { sent, send } = sender('sent')
  await Promise.all([one.flush(send), two.flush(send)])
  expect(sent).toHaveLength(1)
})

test('turns of a chat go out in the order they were written', async () => {
  const outbox = await open(`u${users}`)
  for (const text of ['one', 'two', 'three']) {
    now += 1
    await outbox.deliver(await outbox.add('c1', { text }), sender('later').send)
  }
  const { sent, send } = sender('sent')
  await outbox.flush(send)
  expect(sent.map((turn) => turn.body.text)).toEqual(['one', 'two', 'three'])
})

test("a turn older than the server's memory of keys becomes a draft again", async () => {
  const outbox = await open(`u${users}`)
  await outbox.deliver(await outbox.add('c1', { text: 'long ago' }), sender('later').send)
  now += TURN_KEPT_MS
  const { sent, send } = sender('sent')
  await outbox.flush(send)
  expect(sent).toEqual([])
  expect(await outbox.draft('c1')).toBe('long ago')
})

test('nobody sees what another user wrote', async () => {
  await (await open(`u${users}a`)).saveDraft('c1', 'secret')
  expect(await (await open(`u${users}b`)).draft('c1')).toBe('')
})

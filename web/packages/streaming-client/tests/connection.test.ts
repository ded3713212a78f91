import { beforeEach, expect, test } from 'vitest'

import { ATTEMPTS_BEFORE_POLLING, Connection, PING_MS, RENEW_MS, type ConnectionState } from '../src/connection'
import type { DownFrame, UpFrame } from '../src/frames'
import { ANSWER_MOST_MS, type SocketLike } from '../src/link'
import type { ReaderEvent } from '../src/reader'
import { end, facts, piece, start } from './frames.builders'

/** A clock that runs when it is told to. */
class HandClock {
  private time = 0
  private timers = new Map<number, { at: number; run: () => void }>()
  private ids = 0

  now(): number {
    return this.time
  }

  setTimeout(run: () => void, milliseconds: number): number {
    this.timers.set(++this.ids, { at: this.time + milliseconds, run })
    return this.ids
  }

  clearTimeout(id: unknown): void {
    this.timers.delete(id as number)
  }

  async pass(milliseconds: number): Promise<void> {
    const until = this.time + milliseconds
    await settled()
    for (;;) {
      const next = [...this.timers].filter(([, one]) => one.at <= until).sort((a, b) => a[1].at - b[1].at)[0]
      if (!next) break
      this.timers.delete(next[0])
      this.time = next[1].at
      next[1].run()
      await settled()
    }
    this.time = until
  }
}

/** A socket whose other end is the test. */
class HandSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null
  onmessage: SocketLike['onmessage'] = null
  onclose: SocketLike['onclose'] = null
  onerror: SocketLike['onerror'] = null
  sent: UpFrame[] = []
  closed = false

  send(text: string): void {
    this.sent.push(JSON.parse(text) as UpFrame)
  }

  close(): void {
    this.closed = true
  }

  open(): void {
    this.onopen?.({} as never)
    this.say({ type: 'welcome', contract: 1, socket_id: 's' })
  }

  say(frame: DownFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) } as never)
  }

  break(): void {
    this.onclose?.({} as never)
  }

  types(): string[] {
    return this.sent.map((frame) => frame.type)
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 8; i++) await Promise.resolve()
}

let clock: HandClock
let sockets: HandSocket[]
let events: ReaderEvent[]
let states: ConnectionState[]
let connection: Connection
let stream: string[]
let asked: (string | null)[]

beforeEach(async () => {
  clock = new HandClock()
  sockets = []
  events = []
  states = []
  stream = []
  asked = []
  connection = new Connection({
    address: () => Promise.resolve('ws://here'),
    openSocket: () => {
      const socket = new HandSocket()
      sockets.push(socket)
      return socket
    },
    fetchEvents: (_, after) => {
      asked.push(after)
      const next = stream.shift()
      return next === undefined ? Promise.reject(new Error('nothing')) : Promise.resolve(next)
    },
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
    clock,
    random: () => 0.5,
  })
  connection.start()
  await settled()
})

function shown(): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('')
}

test('it says hello, and follows once it is welcome', async () => {
  connection.follow('chat1', 4)
  sockets[0]!.open()
  expect(sockets[0]!.sent).toEqual([
    { type: 'hello', contract: 1, locale: 'en' },
    { type: 'follow', chat_id: 'chat1', revision: 4 },
  ])
  expect(states).toEqual(['connecting', 'live'])
})

test('a lost socket is opened again and the chat followed again', async () => {
  connection.follow('chat1', 4)
  sockets[0]!.open()
  sockets[0]!.break()
  await clock.pass(1_000)
  sockets[1]!.open()
  expect(sockets[1]!.types()).toEqual(['hello', 'follow'])
})

test('a socket that answers nothing is taken for dead', async () => {
  connection.follow('chat1', 4)
  sockets[0]!.open()
  await clock.pass(ANSWER_MOST_MS + 1_000)
  expect(sockets[0]!.closed).toBe(true)
  expect(sockets).toHaveLength(2)
})

test('a quiet socket is pinged before the gateway closes it', async () => {
  sockets[0]!.open()
  await clock.pass(PING_MS)
  expect(sockets[0]!.types().at(-1)).toBe('ping')
})

test('the socket is renewed before two hours, and the old one serves until the new one is welcome', async () => {
  sockets[0]!.open()
  connection.follow('chat1', 1)
  sockets[0]!.say({ type: 'following', chat_id: 'chat1', revision: 1, generation_ids: [] })
  for (let waited = 0; waited < RENEW_MS && sockets.length < 2; waited += 5_000) {
    await clock.pass(5_000)
    sockets[0]!.say({ type: 'pong' })
  }
  expect(sockets).toHaveLength(2)
  expect(sockets[0]!.closed).toBe(false)
  sockets[0]!.say(start())
  sockets[0]!.say(piece(1, 1, 'still here'))
  expect(shown()).toBe('still here')
  sockets[1]!.open()
  expect(sockets[0]!.closed).toBe(true)
  expect(sockets[1]!.types()).toEqual(['hello', 'follow'])
})

test('a hidden tab unfollows, unless a reply is running in it', async () => {
  sockets[0]!.open()
  connection.follow('chat1', 1)
  sockets[0]!.say(start())
  connection.setVisible(false)
  expect(sockets[0]!.types()).not.toContain('unfollow')
  sockets[0]!.say(piece(1, 1, 'done'))
  sockets[0]!.say(end(1, 'done'))
  expect(sockets[0]!.types().at(-1)).toBe('unfollow')
  connection.setVisible(true)
  expect(sockets[0]!.types()).toContain('follow')
})

test('where no socket gets through, a running reply is read by plain requests, and sockets take over again', async () => {
  connection.follow('chat1', 1)
  connection.expect(facts())
  for (let i = 0; i < ATTEMPTS_BEFORE_POLLING; i++) {
    sockets.at(-1)!.break()
    stream = ['id: 1-1\ndata: {"type":"d","g":"x","n":[1,1],"x":"Hello "}\n\n']
    if (i < ATTEMPTS_BEFORE_POLLING - 1) await clock.pass(15_000)
  }
  expect(connection.state).toBe('polling')
  await clock.pass(200)
  expect(shown()).toBe('Hello ')
  expect(asked.slice(0, 2)).toEqual([null, '1-1'])
  const known = sockets.length
  while (sockets.length === known) await clock.pass(500)
  sockets.at(-1)!.open()
  expect(connection.state).toBe('live')
  sockets.at(-1)!.say(start())
  sockets.at(-1)!.say(piece(2, 2, 'there'))
  sockets.at(-1)!.say(end(2, 'Hello there'))
  expect(shown()).toBe('Hello there')
  expect(events.at(-1)).toMatchObject({ type: 'ended', verified: true })
})

test("the network's return ends the waiting at once", async () => {
  sockets[0]!.open()
  sockets[0]!.break()
  expect(sockets).toHaveLength(1)
  connection.setOnline(true)
  await settled()
  expect(sockets).toHaveLength(2)
})

test('after close nothing is opened and nothing is told', async () => {
  sockets[0]!.open()
  connection.close()
  await clock.pass(60_000)
  expect(sockets).toHaveLength(1)
  expect(states.at(-1)).toBe('off')
})

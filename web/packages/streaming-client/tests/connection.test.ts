import { beforeEach, describe, expect, test } from 'vitest'

import type { ChatState } from '../src/chatnews'
import {
  ATTEMPTS_BEFORE_POLLING,
  Connection,
  LASTING_MS,
  PING_MS,
  POLLING_AFTER_MS,
  RENEW_MS,
  WAKE_ANSWER_MS,
  type ConnectionState,
} from '../src/connection'
import type { GenerationState } from '../src/frames'
import { ANSWER_MOST_MS } from '../src/link'
import { EVENTS_AGAIN_MS, Gone } from '../src/polling'
import type { ReaderEvent } from '../src/reader'
import { end, facts, piece, snapshot, start, state } from './frames.builders'
import { HandClock, HandSocket, settled } from './hands'

let clock: HandClock
let sockets: HandSocket[]
let events: ReaderEvent[]
let states: ConnectionState[]
let connection: Connection
/** Answers of the event stream, one after the other; none left: the request fails, or waits if it is to be `patient`. */
let stream: (string | Error)[]
let patient: boolean
let asked: (string | null)[]
/** Answers to the plain request for a generation, and for the chat. */
let whole: GenerationState | null
let askedWhole: number
let chat: ChatState | null

beforeEach(async () => {
  clock = new HandClock()
  sockets = []
  events = []
  states = []
  stream = []
  asked = []
  whole = chat = null
  askedWhole = 0
  patient = false
  connection = new Connection({
    address: () => Promise.resolve('ws://here'),
    openSocket: () => {
      const socket = new HandSocket()
      sockets.push(socket)
      return socket
    },
    fetchEvents: async (_, after, signal) => {
      asked.push(after)
      while (patient && stream.length === 0 && !signal.aborted) await new Promise<void>((on) => clock.setTimeout(on, 50))
      const next = stream.shift()
      return typeof next === 'string' ? Promise.resolve(next) : Promise.reject(next ?? new Error('nothing'))
    },
    fetchState: () => {
      askedWhole += 1
      return whole ? Promise.resolve(whole) : Promise.reject(new Error('nothing'))
    },
    fetchChat: () => (chat ? Promise.resolve(chat) : Promise.reject(new Error('nothing'))),
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
    clock,
    random: () => 0.5,
  })
  connection.start()
  await settled()
})

function shown(): string {
  let text = ''
  for (const event of events) {
    if (event.type === 'text') text += event.text
    if (event.type === 'replaced') text = event.text
  }
  return text
}

/** One event of the event stream. */
function event(id: string, frame: object): string {
  return `id: ${id}\ndata: ${JSON.stringify(frame)}\n\n`
}

/** Lets sockets fail until plain requests have taken their place. */
async function blockSockets(): Promise<void> {
  for (let i = 0; i < ATTEMPTS_BEFORE_POLLING; i++) {
    sockets.at(-1)!.break()
    if (i < ATTEMPTS_BEFORE_POLLING - 1) await nextSocket()
  }
  await settled()
}

async function nextSocket(): Promise<HandSocket> {
  const known = sockets.length
  while (sockets.length === known) await clock.pass(500)
  return sockets.at(-1)!
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

test('told that frames come too fast, the page keeps its socket and follows a little later', async () => {
  connection.follow('chat1', 4)
  sockets[0]!.open()
  sockets[0]!.say({ type: 'error', code: 'quota_exceeded', message: 'Slower.', about: 'follow', retry_after_seconds: 3 })
  await clock.pass(2_900)
  expect(sockets[0]!.types()).toEqual(['hello', 'follow'])
  await clock.pass(200)
  expect(sockets[0]!.types()).toEqual(['hello', 'follow', 'follow'])
  expect(connection.state).toBe('live')
  expect(sockets).toHaveLength(1)
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

describe('where no socket gets through', () => {
  test('a running reply is read from the event stream, and sockets take over again', async () => {
    connection.follow('chat1', 1)
    connection.expect(facts())
    stream = [event('1-1', piece(1, 1, 'Hello '))]
    await blockSockets()
    expect(connection.state).toBe('polling')
    await clock.pass(200)
    expect(shown()).toBe('Hello ')
    expect(asked.slice(0, 2)).toEqual([null, '1-1'])
    const socket = await nextSocket()
    socket.open()
    expect(connection.state).toBe('live')
    socket.say(start())
    socket.say(piece(2, 2, 'there'))
    socket.say(end(2, 'Hello there'))
    expect(shown()).toBe('Hello there')
    expect(events.at(-1)).toMatchObject({ type: 'ended', verified: true })
  })

  test('a proxy that leaves sockets hanging is not waited for', async () => {
    connection.follow('chat1', 1)
    connection.expect(facts())
    chat = { revision: 1, generations: [facts()] }
    stream = [event('1-1', piece(1, 1, 'Hello'))]
    patient = true
    await clock.pass(POLLING_AFTER_MS + 100)
    expect(sockets).toHaveLength(1)
    expect(connection.state).toBe('polling')
    expect(shown()).toBe('Hello')
  })

  test('a ticket that nobody answers for is not waited for either', async () => {
    const mute = new Connection({
      address: () => new Promise(() => {}),
      openSocket: () => new HandSocket(),
      fetchEvents: () => Promise.resolve(event('1-1', piece(1, 1, 'Hello')) + event('1-1', end(1, 'Hello'))),
      fetchState: () => Promise.reject(new Error('not asked')),
      fetchChat: () => Promise.reject(new Error('not asked')),
      onEvent: (one) => events.push(one),
      clock,
      random: () => 0.5,
    })
    mute.start()
    mute.expect(facts())
    await clock.pass(POLLING_AFTER_MS + 100)
    expect(shown()).toBe('Hello')
    expect(events.at(-1)).toMatchObject({ type: 'ended', verified: true })
  })

  test('sockets that are let in and die young count as none', async () => {
    connection.follow('chat1', 1)
    connection.expect(facts())
    stream = [event('1-1', piece(1, 1, 'Hello'))]
    patient = true
    chat = { revision: 1, generations: [facts()] }
    for (let i = 0; i < ATTEMPTS_BEFORE_POLLING; i++) {
      sockets.at(-1)!.open()
      sockets.at(-1)!.break()
      if (i < ATTEMPTS_BEFORE_POLLING - 1) await nextSocket()
    }
    await clock.pass(100)
    expect(connection.state).toBe('polling')
    expect(shown()).toBe('Hello')
    const socket = await nextSocket()
    socket.open()
    await clock.pass(LASTING_MS / 2)
    socket.say({ type: 'following', chat_id: 'chat1', revision: 1, generation_ids: [] })
    await clock.pass(LASTING_MS / 2)
    socket.break()
    expect(connection.state).toBe('waiting')
  })

  test('plain requests go on until a socket has brought something, and nothing is doubled', async () => {
    connection.follow('chat1', 1)
    connection.expect(facts())
    stream = [event('1-1', piece(1, 1, 'one '))]
    patient = true
    await blockSockets()
    const socket = await nextSocket()
    socket.open()
    stream = [event('1-2', piece(1, 2, 'one two ')), event('1-3', piece(3, 3, 'three '))]
    await clock.pass(1_500)
    expect(shown()).toBe('one two three ')
    socket.say(snapshot(2, 'one two '))
    socket.say(piece(3, 4, 'three four'))
    const before = asked.length
    await clock.pass(1_000)
    expect(shown()).toBe('one two three four')
    expect(asked.length).toBe(before)
  })

  test('an event stream that is swallowed, too, gives way to the whole state, and is tried again later', async () => {
    connection.follow('chat1', 1)
    connection.expect(facts())
    whole = state({ seq: 2, text: 'Hello th' })
    await blockSockets()
    await clock.pass(4_000)
    expect(shown()).toBe('Hello th')
    whole = state({ seq: 3, text: 'Hello there' })
    await clock.pass(1_100)
    expect(shown()).toBe('Hello there')
    const times = askedWhole
    stream = [event('1-4', piece(4, 4, '!')), event('1-4', end(4, 'Hello there!'))]
    await clock.pass(EVENTS_AGAIN_MS)
    expect(shown()).toBe('Hello there!')
    expect(events.at(-1)).toMatchObject({ type: 'ended', verified: true })
    const known = askedWhole
    expect(known).toBeGreaterThan(times)
    await clock.pass(5_000)
    expect(askedWhole).toBe(known)
  })

  test('a state that is done ends the reply: its message is to be fetched', async () => {
    connection.expect(facts())
    whole = state({ status: 'done', seq: 9, text: '', finish_reason: 'error', error_code: 'provider', error_message: 'No.' })
    await blockSockets()
    await clock.pass(4_000)
    expect(events.at(-1)).toMatchObject({
      type: 'ended',
      verified: false,
      end: { finish_reason: 'error', error: { code: 'provider', message: 'No.' } },
    })
  })

  test('an empty answer at once comes from a proxy: it is not asked again and again', async () => {
    connection.expect(facts())
    stream = Array.from({ length: 100 }, () => '')
    await blockSockets()
    await clock.pass(1_000)
    expect(asked.length).toBeLessThan(8)
  })

  test('a reply that the server does not know is given up', async () => {
    connection.expect(facts())
    stream = [new Gone()]
    await blockSockets()
    await clock.pass(100)
    expect(events.at(-1)).toEqual({ type: 'lost', generationId: 'gen1', chatId: 'chat1' })
    const before = asked.length
    await clock.pass(5_000)
    expect(asked.length).toBe(before)
  })

  test("another device's reply and edit are found", async () => {
    connection.follow('chat1', 1)
    chat = { revision: 1, generations: [] }
    await blockSockets()
    await clock.pass(3_000)
    expect(events.some((one) => one.type === 'following' && one.behind)).toBe(false)
    chat = { revision: 5, generations: [facts()] }
    stream = [event('1-1', piece(1, 1, 'Hello'))]
    await clock.pass(15_000)
    expect(events).toContainEqual({ type: 'following', chatId: 'chat1', revision: 5, behind: true })
    expect(events.some((one) => one.type === 'started')).toBe(true)
    expect(shown()).toBe('Hello')
  })
})

test('where nothing gets through, the state says so, and where requests do, too', async () => {
  connection.follow('chat1', 1)
  await blockSockets()
  expect(connection.state).toBe('waiting')
  chat = { revision: 1, generations: [] }
  await clock.pass(5_000)
  expect(connection.state).toBe('polling')
})

test('a page that wakes up finds out soon whether its socket is still one', async () => {
  sockets[0]!.open()
  connection.follow('chat1', 1)
  sockets[0]!.say({ type: 'following', chat_id: 'chat1', revision: 1, generation_ids: [] })
  connection.setOnline(true)
  expect(sockets[0]!.types().at(-1)).toBe('ping')
  await clock.pass(WAKE_ANSWER_MS + 1_000)
  expect(sockets[0]!.closed).toBe(true)
  expect(sockets).toHaveLength(2)
})

test('a page that wakes up does not wait for a socket that was opened before it slept', async () => {
  await clock.pass(5_000)
  connection.setOnline(true)
  await settled()
  expect(sockets).toHaveLength(2)
  expect(sockets[0]!.closed).toBe(true)
})

test('a socket that the server closes while the next one is opened is followed by that one at once', async () => {
  sockets[0]!.open()
  connection.follow('chat1', 1)
  sockets[0]!.say(start())
  sockets[0]!.say(piece(1, 1, 'one '))
  for (let waited = 0; waited < RENEW_MS && sockets.length < 2; waited += 2_000) {
    await clock.pass(2_000)
    sockets[0]!.say({ type: 'pong' })
  }
  sockets[0]!.break()
  sockets[1]!.open()
  sockets[1]!.say(snapshot(2, 'one two'))
  expect(shown()).toBe('one two')
  expect(sockets).toHaveLength(2)
  expect(states).not.toContain('polling')
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

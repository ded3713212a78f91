// @vitest-environment node
/** Over real sockets: a server that breaks the line in the middle of every reply. */
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'

import { Connection } from '../src/connection'
import type { DownFrame, UpFrame } from '../src/frames'
import type { ReaderEvent } from '../src/reader'
import { end, facts, piece, snapshot, start } from './frames.builders'

const WORDS = Array.from({ length: 40 }, (_, i) => `${i} 灯🐉 `)
const LOG = WORDS.join('')
let server: WebSocketServer
let sockets = 0

beforeAll(() => {
  server = new WebSocketServer({ port: 0 })
  server.on('connection', (socket) => {
    const nth = ++sockets
    const say = (frame: DownFrame) => socket.send(JSON.stringify(frame))
    const tell = (after: number) => {
      const upto = Math.min(WORDS.length, after + 12)
      for (let i = after; i < upto; i++) say(piece(i + 1, i + 1, WORDS[i]!))
      if (upto === WORDS.length) say(end(upto, LOG))
      else if (nth < 3) socket.terminate()
    }
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as UpFrame
      if (frame.type === 'hello') say({ type: 'welcome', contract: 1, socket_id: String(nth) })
      if (frame.type === 'follow') {
        say({ type: 'following', chat_id: 'chat1', revision: 1, generation_ids: ['gen1'] })
        const known = (nth - 1) * 6
        say(known ? snapshot(known, WORDS.slice(0, known).join('')) : start())
        tell(known)
      }
      if (frame.type === 'resume') {
        say(start())
        for (let i = frame.after; i < WORDS.length; i++) say(piece(i + 1, i + 1, WORDS[i]!))
        say(end(WORDS.length, LOG))
      }
    })
  })
})

afterAll(() => server.close())

test('a reply whose line breaks twice arrives whole, once, in order', async () => {
  const { port } = server.address() as AddressInfo
  let shown = ''
  const ended = await new Promise<ReaderEvent>((resolve) => {
    const connection = new Connection({
      address: () => Promise.resolve(`ws://127.0.0.1:${port}`),
      openSocket: (address) => new WebSocket(address),
      fetchEvents: () => Promise.reject(new Error('not needed')),
      fetchState: () => Promise.reject(new Error('not needed')),
      fetchChat: () => Promise.reject(new Error('not needed')),
      random: () => 0.02,
      onEvent: (event) => {
        if (event.type === 'text') shown += event.text
        if (event.type === 'replaced') shown = event.text
        if (event.type !== 'ended') return
        connection.close()
        resolve(event)
      },
    })
    connection.start()
    connection.follow('chat1', 1)
    connection.expect(facts({ epoch: 0 }))
  })
  expect(ended).toMatchObject({ verified: true })
  expect(shown).toBe(LOG)
  expect(sockets).toBeGreaterThanOrEqual(3)
})

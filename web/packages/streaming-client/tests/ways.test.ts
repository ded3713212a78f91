/**
 * Random schedules over all ways at once: sockets that are refused, left hanging, cut off or bad, event streams that
 * fail, are cut short, come late or are swallowed, plain requests that fail. The reply goes on meanwhile, and the ways
 * change in the middle of it. A failure names its seed; SEED=n plays it alone.
 */
import { expect, test } from 'vitest'

import type { ChatState } from '../src/chatnews'
import { Connection } from '../src/connection'
import { sha256 } from '../src/digest'
import type { DownFrame, GenerationState, UpFrame } from '../src/frames'
import type { SocketLike } from '../src/link'
import type { ReaderEvent } from '../src/reader'
import { end, facts, piece, snapshot, start, state } from './frames.builders'
import { dice, HandClock, settled } from './hands'

const WORDS = ['a', 'the ', '灯', '🐉', '\n\n', '“so” ', '*bows* ', 'é', '👩‍🚀', '']
const SEEDS = process.env['SEED'] ? [Number(process.env['SEED'])] : Array.from({ length: 1_000 }, (_, i) => i + 1)
const PATIENCE_MS = 20 * 60_000

/** How the network treats sockets and requests for a while. */
type Weather = 'good' | 'sockets refused' | 'sockets hanging' | 'sockets cut off' | 'streams swallowed' | 'nothing'
const WEATHERS: Weather[] = ['good', 'sockets refused', 'sockets hanging', 'sockets cut off', 'streams swallowed', 'nothing']

/** The server with one generation, and the network before it. */
class World {
  readonly clock = new HandClock()
  readonly used = { socket: 0, stream: 0, state: 0 }
  weather: Weather = 'good'
  private log: { x: string; r: string }[] = []
  private epoch = 1
  private ended = false
  private readonly followers = new Set<WorldSocket>()

  constructor(
    readonly roll: () => number,
    readonly badness: number,
    private readonly total: number,
  ) {}

  get text(): string {
    return this.log.map((one) => one.x).join('')
  }

  get done(): boolean {
    return this.ended
  }

  later(milliseconds: number, run: () => void): void {
    this.clock.setTimeout(run, milliseconds)
  }

  changeWeather(): void {
    this.weather = WEATHERS[Math.floor(this.roll() * WEATHERS.length)]!
    if (this.weather !== 'good' && this.weather !== 'streams swallowed') for (const one of [...this.followers]) one.cut()
  }

  write(): void {
    if (this.ended) return
    if (this.epoch === 1 && this.log.length > 0 && this.roll() < 0.01) {
      this.epoch = 2
      this.log = []
      return this.tell([this.startFrame()])
    }
    const word = WORDS[Math.floor(this.roll() * WORDS.length)]!
    this.log.push(this.roll() < 0.2 ? { x: '', r: word } : { x: word, r: '' })
    this.tell(this.pieces(this.log.length - Math.min(this.log.length, 1 + Math.floor(this.roll() * 3))))
    if (this.log.length < this.total) return
    this.ended = true
    this.tell([this.endFrame()])
  }

  follow(socket: WorldSocket): void {
    this.followers.add(socket)
    const running = this.ended ? [] : ['gen1']
    socket.receive({ type: 'following', chat_id: 'chat1', revision: 1, generation_ids: running })
    if (!this.ended) this.snapshots().forEach((one) => socket.receive(one))
  }

  unfollow(socket: WorldSocket): void {
    this.followers.delete(socket)
  }

  resume(socket: WorldSocket, frame: Extract<UpFrame, { type: 'resume' }>): void {
    const answer = frame.epoch === this.epoch && this.roll() < 0.7 ? this.pieces(frame.after) : this.snapshots()
    for (const one of [this.startFrame(), ...answer, ...(this.ended ? [this.endFrame()] : [])]) socket.receive(one)
  }

  fetchEvents = (last: string | null, signal: AbortSignal): Promise<string> =>
    this.request(signal, 'stream', () => {
      const [epoch, after] = (last ?? '0-0').split('-').map(Number) as [number, number]
      const events: string[] = []
      const add = (seq: number, frame: DownFrame) =>
        events.push(`id: ${this.epoch}-${seq}\ndata: ${JSON.stringify(frame)}\n\n`)
      if (epoch !== this.epoch) add(0, this.startFrame())
      const known = epoch === this.epoch ? after : 0
      const frames = this.roll() < 0.8 ? this.pieces(known) : this.snapshots()
      for (const frame of frames) add(frame.type === 'd' ? frame.n[1] : this.log.length, frame)
      if (this.ended) add(this.log.length, this.endFrame())
      const whole = `retry: 50\n\n${events.join('')}`
      return this.roll() < this.badness ? whole.slice(0, Math.floor(this.roll() * whole.length)) : whole
    })

  fetchState = (signal: AbortSignal): Promise<GenerationState> =>
    this.request(signal, 'state', () =>
      state({
        status: this.ended ? 'done' : 'running',
        epoch: this.epoch,
        seq: this.log.length,
        text: this.ended ? '' : this.text,
        reasoning: this.ended ? '' : this.log.map((one) => one.r).join(''),
        finish_reason: this.ended ? 'stop' : null,
      }),
    )

  fetchChat = (signal: AbortSignal): Promise<ChatState> =>
    this.request(signal, 'state', () => ({
      revision: 1,
      generations: this.ended ? [] : [facts({ epoch: this.epoch })],
    }))

  /** An answer made at one moment and received at a later one, or never. */
  private request<T>(signal: AbortSignal, way: 'stream' | 'state', answer: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error('The line broke.'))
      signal.addEventListener('abort', fail)
      if (this.weather === 'nothing') return this.later(this.roll() * 3_000, fail)
      if (this.weather === 'streams swallowed' && way === 'stream') return
      if (this.roll() < this.badness) return this.roll() < 0.5 ? fail() : undefined
      this.later(20 + this.roll() * 400, () => {
        const made = answer()
        this.used[way] += 1
        this.later(this.roll() < this.badness ? this.roll() * 4_000 : 10, () => resolve(made))
      })
    })
  }

  private tell(frames: DownFrame[]): void {
    for (const one of this.followers) frames.forEach((frame) => one.receive(frame))
  }

  private startFrame(): DownFrame {
    return start({ g: `e${this.epoch}`, epoch: this.epoch })
  }

  private endFrame(): DownFrame {
    return end(this.log.length, this.text, { epoch: this.epoch })
  }

  private pieces(after: number): DownFrame[] {
    const frames: DownFrame[] = []
    for (let from = after + 1; from <= this.log.length;) {
      const to = Math.min(this.log.length, from + Math.floor(this.roll() * 4))
      const merged = this.log.slice(from - 1, to)
      const r = merged.map((one) => one.r).join('')
      frames.push(piece(from, to, merged.map((one) => one.x).join(''), { g: `e${this.epoch}`, r }))
      from = to + 1
    }
    return frames
  }

  private snapshots(): DownFrame[] {
    const [text, reasoning] = [this.text, this.log.map((one) => one.r).join('')]
    const parts = 1 + Math.floor(this.roll() * 3)
    const cut = (whole: string, part: number) =>
      whole.slice(Math.floor((whole.length * (part - 1)) / parts), Math.floor((whole.length * part) / parts))
    return Array.from({ length: parts }, (_, i) => {
      const shares = { part: i + 1, parts, reasoning: cut(reasoning, i + 1) }
      return snapshot(this.log.length, cut(text, i + 1), { g: `e${this.epoch}`, epoch: this.epoch, ...shares })
    })
  }
}

/** A socket through the World's weather: loses, doubles and delays what comes down, loses what goes up. */
class WorldSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null
  onmessage: SocketLike['onmessage'] = null
  onclose: SocketLike['onclose'] = null
  onerror: SocketLike['onerror'] = null
  private open = false

  constructor(private readonly world: World) {
    const { weather, roll } = world
    if (weather === 'sockets refused' || weather === 'nothing') {
      world.later(30, () => this.cut())
      return
    }
    if (weather === 'sockets hanging') return
    world.later(30, () => {
      this.open = true
      this.onopen?.({} as never)
    })
    if (weather === 'sockets cut off') world.later(60 + roll() * 8_000, () => this.cut())
    else if (roll() < world.badness) world.later(roll() * 20_000, () => this.cut())
  }

  send(text: string): void {
    const frame = JSON.parse(text) as UpFrame
    const { world } = this
    if (!this.open || (frame.type !== 'hello' && world.roll() < world.badness)) return
    world.later(10, () => {
      if (!this.open) return
      if (frame.type === 'hello') this.deliver({ type: 'welcome', contract: 1, socket_id: 's' })
      if (frame.type === 'follow') world.follow(this)
      if (frame.type === 'unfollow') world.unfollow(this)
      if (frame.type === 'resume') world.resume(this, frame)
      if (frame.type === 'ping') this.deliver({ type: 'pong' })
    })
  }

  close(): void {
    this.open = false
    this.world.unfollow(this)
  }

  cut(): void {
    this.close()
    this.onclose?.({} as never)
  }

  receive(frame: DownFrame): void {
    const { roll, badness } = this.world
    if (roll() < badness) return
    for (let copies = roll() < badness ? 2 : 1; copies > 0; copies--) {
      this.world.later(5 + (roll() < badness ? roll() * 800 : 0), () => {
        if (!this.open) return
        this.world.used.socket += 1
        this.deliver(frame)
      })
    }
  }

  private deliver(frame: DownFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) } as never)
  }
}

async function play(seed: number): Promise<{ world: World; shown: string; ends: number; verified: boolean }> {
  const roll = dice(seed)
  const world = new World(roll, roll() * 0.3, 5 + Math.floor(roll() * 120))
  let shown = ''
  const ends: Extract<ReaderEvent, { type: 'ended' }>[] = []
  const connection = new Connection({
    address: () => (world.weather === 'nothing' ? Promise.reject(new Error('offline')) : Promise.resolve('ws://here')),
    openSocket: () => new WorldSocket(world),
    fetchEvents: (_, last, signal) => world.fetchEvents(last, signal),
    fetchState: (_, signal) => world.fetchState(signal),
    fetchChat: (_, signal) => world.fetchChat(signal),
    clock: world.clock,
    random: roll,
    onEvent: (event) => {
      if (event.type === 'text') shown += event.text
      if (event.type === 'replaced') shown = event.text
      if (event.type === 'ended') ends.push(event)
    },
  })
  connection.follow('chat1', 1)
  connection.expect(facts({ epoch: 0 }))
  connection.start()
  for (let step = 0; world.clock.now() < PATIENCE_MS && (ends.length === 0 || !world.done); step++) {
    await world.clock.pass(100 + roll() * 200)
    world.write()
    if (step % 20 === 0 && roll() < 0.6) world.changeWeather()
    if (roll() < 0.005) connection.setOnline(true)
  }
  // Whatever is still under way changes nothing any more.
  await world.clock.pass(30_000)
  connection.close()
  await settled()
  if (ends.length === 0) throw new Error(`SEED=${seed}: the reply never ended for the reader`)
  const verified = ends[0]!.verified
  if (verified) expect(sha256(shown), `SEED=${seed}`).toBe(ends[0]!.end.sha256)
  return { world, shown, ends: ends.length, verified }
}

test('whatever way a reply comes, and however often the way changes, it is whole, once and in order', async () => {
  const used = { socket: 0, stream: 0, state: 0 }
  let fetched = 0
  for (const seed of SEEDS) {
    const { world, shown, ends, verified } = await play(seed)
    expect(ends, `SEED=${seed}`).toBe(1)
    // The page fetches the stored message where the end could not be checked.
    if (verified) expect(shown, `SEED=${seed}`).toBe(world.text)
    else fetched += 1
    for (const way of ['socket', 'stream', 'state'] as const) used[way] += world.used[way] > 0 ? 1 : 0
  }
  if (SEEDS.length === 1) return
  for (const way of ['socket', 'stream', 'state'] as const) expect(used[way], way).toBeGreaterThan(SEEDS.length / 4)
  expect(fetched).toBeLessThan(SEEDS.length / 4)
}, 60_000)

/**
 * Random schedules: a log, a network that drops, doubles, reorders and breaks, a reader. Whatever happens, the reader
 * ends with the log's text. A failure names its seed; SEED=n plays it alone.
 */
import { expect, test } from 'vitest'

import { sha256 } from '../src/digest'
import type { DownFrame, UpFrame } from '../src/frames'
import { Reader, type ReaderEvent } from '../src/reader'
import { end, piece, snapshot, start } from './frames.builders'
import { dice } from './hands'

const ALPHABET = ['a', 'the ', '灯', '🐉', '\n\n', '“so” ', '*bows* ', 'é', '👩‍🚀', '']
const SEEDS = process.env['SEED'] ? [Number(process.env['SEED'])] : Array.from({ length: 400 }, (_, i) => i + 1)

interface Entry {
  x: string
  r: string
}

/** A server with one generation, and a bad line to one reader. */
class World {
  log: Entry[] = []
  epoch = 1
  ended = false
  aged = false
  connected = true
  followed = false
  onTheWay: { at: number; frame: DownFrame }[] = []
  handle = 0

  constructor(
    readonly total: number,
    readonly roll: () => number,
    readonly badness: number,
  ) {}

  get text(): string {
    return this.log.map((entry) => entry.x).join('')
  }

  get g(): string {
    return `h${this.handle}e${this.epoch}`
  }

  deliver(frame: DownFrame, now: number): void {
    if (!this.connected) return
    if (this.roll() < this.badness) return
    const copies = this.roll() < this.badness ? 2 : 1
    for (let i = 0; i < copies; i++) {
      const late = this.roll() < this.badness ? this.roll() * 800 : 0
      this.onTheWay.push({ at: now + 5 + late, frame })
    }
  }

  pieces(after: number): DownFrame[] {
    const frames: DownFrame[] = []
    for (let from = after + 1; from <= this.log.length;) {
      const to = Math.min(this.log.length, from + Math.floor(this.roll() * 4))
      const merged = this.log.slice(from - 1, to)
      frames.push(
        piece(from, to, merged.map((one) => one.x).join(''), { g: this.g, r: merged.map((one) => one.r).join('') }),
      )
      from = to + 1
    }
    return frames
  }

  snapshots(): DownFrame[] {
    const text = this.text
    const reasoning = this.log.map((entry) => entry.r).join('')
    const parts = 1 + Math.floor(this.roll() * 3)
    const cut = (whole: string, part: number) =>
      whole.slice(Math.floor((whole.length * (part - 1)) / parts), Math.floor((whole.length * part) / parts))
    return Array.from({ length: parts }, (_, i) =>
      snapshot(this.log.length, cut(text, i + 1), {
        g: this.g,
        epoch: this.epoch,
        part: i + 1,
        parts,
        reasoning: cut(reasoning, i + 1),
      }),
    )
  }

  endFrame(): DownFrame {
    return end(this.log.length, this.text, { epoch: this.epoch })
  }

  hear(frame: UpFrame, now: number): void {
    if (this.roll() < this.badness) return
    if (frame.type === 'follow') {
      this.followed = true
      const running = this.ended ? [] : ['gen1']
      this.deliver({ type: 'following', chat_id: 'chat1', revision: 1, generation_ids: running }, now)
      if (!this.ended) for (const one of this.snapshots()) this.deliver(one, now)
    }
    if (frame.type === 'resume') {
      if (this.ended && this.aged) return this.deliver(this.endFrame(), now)
      this.deliver(start({ g: this.g, epoch: this.epoch }), now)
      const answer = frame.epoch === this.epoch && this.roll() < 0.7 ? this.pieces(frame.after) : this.snapshots()
      for (const one of answer) this.deliver(one, now)
      if (this.ended) this.deliver(this.endFrame(), now)
    }
  }

  /** The worker writes a little. */
  write(now: number): void {
    if (this.ended) return
    if (this.epoch === 1 && this.log.length > 0 && this.roll() < 0.01) {
      this.epoch = 2
      this.log = []
      this.deliver(start({ g: this.g, epoch: 2 }), now)
      return
    }
    const word = ALPHABET[Math.floor(this.roll() * ALPHABET.length)]!
    this.log.push(this.roll() < 0.2 ? { x: '', r: word } : { x: word, r: '' })
    const merged = Math.min(this.log.length, 1 + Math.floor(this.roll() * 3))
    if (this.followed && this.roll() < 0.8)
      for (const one of this.pieces(this.log.length - merged)) this.deliver(one, now)
    if (this.log.length >= this.total) {
      this.ended = true
      this.aged = this.roll() < 0.1
      this.deliver(this.endFrame(), now)
    }
  }
}

function play(seed: number): { shown: string; log: string; fetched: boolean } {
  const roll = dice(seed)
  const world = new World(1 + Math.floor(roll() * 60), roll, roll() * 0.4)
  const reader = new Reader()
  let shown = ''
  let outcome: Extract<ReaderEvent, { type: 'ended' }> | null = null
  reader.follow('chat1', 1)
  reader.expect({ ...start(), epoch: 0 }, 0)
  reader.connected(0)
  for (let now = 0; now < 900_000 && !outcome; now += 50) {
    for (const frame of reader.takeFrames()) if (world.connected) world.hear(frame, now)
    if (roll() < 0.5) world.write(now)
    if (roll() < world.badness * 0.05) {
      world.connected = !world.connected
      world.onTheWay = []
      world.followed = false
      world.handle += 1
      if (world.connected) reader.connected(now)
      else reader.disconnected()
    }
    const due = world.onTheWay.filter((one) => one.at <= now).sort((a, b) => a.at - b.at)
    world.onTheWay = world.onTheWay.filter((one) => one.at > now)
    for (const { frame } of due) reader.receive(frame, now)
    reader.tick(now)
    for (const event of reader.takeEvents()) {
      if (event.type === 'text') shown += event.text
      if (event.type === 'replaced') shown = event.text
      if (event.type === 'ended') outcome = event
    }
  }
  if (!outcome) throw new Error(`seed ${seed}: the reply never ended for the reader`)
  if (outcome.verified) expect(sha256(shown)).toBe(outcome.end.sha256)
  // The page fetches the stored message when the end is not verified.
  return { shown: outcome.verified ? shown : world.text, log: world.text, fetched: !outcome.verified }
}

test("the reader ends with the log's text", () => {
  for (const seed of SEEDS) {
    const { shown, log } = play(seed)
    expect(shown, `SEED=${seed}`).toBe(log)
  }
})

test('fetching is the exception', () => {
  const fetched = SEEDS.filter((seed) => play(seed).fetched).length
  expect(fetched).toBeLessThanOrEqual(Math.max(1, SEEDS.length * 0.25))
})

/** How long a reader by the event stream waits before it asks again. */
import { expect, test } from 'vitest'

import type { DownFrame, GenerationState } from '../src/frames'
import { Busy, Polling } from '../src/polling'
import { HandClock } from './hands'

/** A server that answers each request as it is told, the last answer again and again. */
class Stage {
  readonly clock = new HandClock()
  readonly askedAt: number[] = []
  readonly answered: boolean[] = []
  readonly states: GenerationState[] = []
  readonly frames: DownFrame[] = []

  constructor(answers: (string | Error)[]) {
    const polling = new Polling(
      {
        fetchEvents: () => {
          this.askedAt.push(this.clock.now())
          const answer = answers.length > 1 ? answers.shift()! : answers[0]!
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
        },
        fetchState: () => Promise.reject(new Error('nobody asks for the state here')),
      },
      this.clock,
      () => 0.5,
      {
        position: () => '1-0',
        onFrame: (_, __, frame) => this.frames.push(frame),
        onState: (_, state) => this.states.push(state),
        onGone: () => {},
        onAnswer: (came) => this.answered.push(came),
      },
    )
    polling.keep(['gen1'])
  }
}

const PING = 'id: 1-1\ndata: {"type":"d","g":"x","n":[1,1],"x":"a"}\n\n'

test('an answer that names a time is followed by a request after that time', async () => {
  const { clock, askedAt } = new Stage([`retry: 1000\n\n${PING}`])
  await clock.pass(3_500)
  expect(askedAt).toEqual([0, 1_000, 2_000, 3_000])
})

test('an answer that names no time, or hardly any, is followed by a request soon', async () => {
  const { clock, askedAt } = new Stage([PING, `retry: 0\n\n${PING}`, PING])
  await clock.pass(120)
  expect(askedAt).toEqual([0, 50, 100])
})

test('a busy server is asked again when it said so; no request has failed and the way stays the same', async () => {
  const { clock, askedAt, answered } = new Stage([new Busy(2_000), new Busy(2_000), new Busy(3_000), PING])
  await clock.pass(7_010)
  expect(askedAt).toEqual([0, 2_000, 4_000, 7_000])
  expect(answered).toEqual([true, true, true, true])
})

test('a server that names an absurd time is asked again all the same', async () => {
  const { clock, askedAt } = new Stage([new Busy(86_400_000), PING])
  await clock.pass(15_010)
  expect(askedAt).toEqual([0, 15_000])
})

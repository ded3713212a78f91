/** The sliders of a preset: range, step, where they rest, and whether null means "the model's own". */
import type { Samplers } from '@/api/schema'

export type SamplerName = Exclude<keyof Samplers, 'stop' | 'seed' | 'reasoning_effort'>

export interface Sampler {
  name: SamplerName
  min: number
  max: number
  step: number
  rest: number
  optional: boolean
}

const optional = (name: SamplerName, min: number, max: number, step: number, rest: number): Sampler => ({
  name,
  min,
  max,
  step,
  rest,
  optional: true,
})

export const LENGTHS: Sampler[] = [
  { name: 'context_tokens', min: 512, max: 262_144, step: 512, rest: 16_384, optional: false },
  { name: 'reply_tokens', min: 16, max: 8_192, step: 16, rest: 600, optional: false },
]

export const CHANCE: Sampler[] = [
  optional('temperature', 0, 2, 0.05, 1),
  optional('top_p', 0, 1, 0.01, 1),
  optional('min_p', 0, 1, 0.01, 0),
  optional('top_k', 0, 200, 1, 0),
]

export const REPETITION: Sampler[] = [
  optional('frequency_penalty', -2, 2, 0.05, 0),
  optional('presence_penalty', -2, 2, 0.05, 0),
  optional('repetition_penalty', 0, 3, 0.01, 1),
]

export const RARE: Sampler[] = [optional('top_a', 0, 1, 0.01, 0), optional('typical_p', 0, 1, 0.01, 1)]

/**
 * The frames of the socket, and how a text becomes one.
 *
 * A client ignores what it does not know: `parseFrame` answers null for an unknown type and for a known one whose
 * fields are wrong, so that a newer server never breaks an older page.
 */

export const CONTRACT = 1

export type GenerationKind = 'reply' | 'swipe' | 'continue' | 'impersonate' | 'quiet'
export type GenerationStatus = 'queued' | 'running' | 'done'
export type FinishReason = 'stop' | 'length' | 'stopped' | 'interrupted' | 'filtered' | 'tool_limit' | 'error'

export type UpFrame =
  | { type: 'hello'; contract: number; locale: string }
  | { type: 'follow'; chat_id: string; revision: number }
  | { type: 'unfollow'; chat_id: string }
  | { type: 'resume'; generation_id: string; epoch: number; after: number }
  | { type: 'stop'; turn_id: string }
  | { type: 'ping' }

export interface WelcomeFrame {
  type: 'welcome'
  contract: number
  socket_id: string
}

export interface FollowingFrame {
  type: 'following'
  chat_id: string
  revision: number
  generation_ids: string[]
}

/** What `start` and `snapshot` say about a generation. */
export interface GenerationFacts {
  generation_id: string
  turn_id: string
  epoch: number
  chat_id: string
  branch_id: string
  message_id: string | null
  kind: GenerationKind
  character_id: string
}

export interface StartFrame extends GenerationFacts {
  type: 'start'
  /** Handle that the `d` frames of this generation carry on this socket. */
  g: string
  /** Place in the queue, counted from 1; null when it runs. */
  place: number | null
}

/** Text `x` and reasoning `r` of the pieces `n[0]` to `n[1]`. */
export interface PieceFrame {
  type: 'd'
  g: string
  n: [number, number]
  x: string
  r: string
}

/** Everything up to piece `upto`, in parts numbered from 1. */
export interface SnapshotFrame extends GenerationFacts {
  type: 'snapshot'
  g: string
  status: GenerationStatus
  upto: number
  part: number
  parts: number
  text: string
  reasoning: string
}

export interface TokenUsage {
  prompt_tokens: number
  reply_tokens: number
  reasoning_tokens: number
}

export interface EndFrame {
  type: 'end'
  generation_id: string
  turn_id: string
  chat_id: string
  epoch: number
  /** Number of the last piece. */
  seq: number
  finish_reason: FinishReason
  error: { code: string; message: string } | null
  message_id: string | null
  revision: number | null
  /** Code points of the stored text. */
  length: number
  sha256: string
  /** Whether the stored text differs from the streamed one. */
  changed: boolean
  usage: TokenUsage | null
  chat_revision: number | null
  /** Who of a group speaks next, in the same turn. */
  next: NextReply | null
}

/** A reply that begins as another one has ended. */
export interface NextReply {
  generation_id: string
  message_id: string | null
  character_id: string
  /** When it begins; null means now. */
  waits_until: string | null
}

/** A generation as `GET /generations/{id}` tells it, the part that is used here. */
export interface GenerationState extends Omit<GenerationFacts, 'generation_id'> {
  id: string
  status: GenerationStatus
  /** Number of the last piece that `text` and `reasoning` hold. */
  seq: number
  text: string
  reasoning: string
  finish_reason: FinishReason | null
  error_code: string | null
  error_message: string | null
  usage: TokenUsage | null
}

export interface ChangedFrame {
  type: 'changed'
  chat_id: string
  what: string
  revision: number
  message_id: string | null
}

export interface PongFrame {
  type: 'pong'
}

export interface RefusedFrame {
  type: 'error'
  code: string
  message: string
  about: string | null
  /** Frames came too fast: none are to be sent before. */
  retry_after_seconds: number | null
}

export type DownFrame =
  | WelcomeFrame
  | FollowingFrame
  | StartFrame
  | PieceFrame
  | SnapshotFrame
  | EndFrame
  | ChangedFrame
  | PongFrame
  | RefusedFrame

type Fields = Record<string, unknown>
type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isDuration: Check = (value) => typeof value === 'number' && value >= 0
const isRange: Check = (value) =>
  Array.isArray(value) && value.length === 2 && value.every(isCount) && value[0] >= 1 && value[0] <= value[1]
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || value === undefined || check(value)

const FACTS: Record<string, Check> = {
  generation_id: isText,
  g: isText,
  turn_id: isText,
  epoch: isCount,
  chat_id: isText,
  branch_id: isText,
  kind: isText,
  character_id: isText,
  message_id: orNull(isText),
}

/** What must hold for each type; fields that are not named here may be absent. */
const SHAPES: Record<DownFrame['type'], Record<string, Check>> = {
  welcome: { contract: isCount, socket_id: isText },
  following: { chat_id: isText, revision: isCount },
  start: FACTS,
  d: { g: isText, n: isRange, x: orNull(isText), r: orNull(isText) },
  snapshot: { ...FACTS, status: isText, upto: isCount },
  end: {
    generation_id: isText,
    turn_id: isText,
    chat_id: isText,
    epoch: isCount,
    seq: isCount,
    finish_reason: isText,
    sha256: isText,
    message_id: orNull(isText),
    revision: orNull(isCount),
  },
  changed: { chat_id: isText, what: isText, revision: isCount },
  pong: {},
  error: { code: isText, message: isText, retry_after_seconds: orNull(isDuration) },
}

/** Values of fields the server may leave out. */
const DEFAULTS: Partial<Record<DownFrame['type'], Fields>> = {
  following: { generation_ids: [] },
  start: { message_id: null, place: null },
  d: { x: '', r: '' },
  snapshot: { message_id: null, part: 1, parts: 1, text: '', reasoning: '' },
  end: { error: null, message_id: null, revision: null, length: 0, changed: false, usage: null, chat_revision: null, next: null },
  changed: { message_id: null },
  error: { about: null, retry_after_seconds: null },
}

/** The frame in `text`, or null when it is none that this client knows. */
export function parseFrame(text: string): DownFrame | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  return readFrame(value)
}

/** The same for a value that was parsed already. */
export function readFrame(value: unknown): DownFrame | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const fields = value as Fields
  const type = fields['type']
  if (typeof type !== 'string' || !Object.hasOwn(SHAPES, type)) return null
  const known = type as DownFrame['type']
  for (const [name, holds] of Object.entries(SHAPES[known])) {
    if (!holds(fields[name])) return null
  }
  const whole: Fields = { ...DEFAULTS[known] }
  for (const [name, found] of Object.entries(fields)) {
    if (found !== null && found !== undefined) whole[name] = found
  }
  return whole as unknown as DownFrame
}

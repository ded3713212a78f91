/** Everything a page needs to read replies and to send turns once. */

export { ReplyAssembler, type Ended, type Outcome } from './assembler'
export { Connection, type ConnectionOptions, type ConnectionState } from './connection'
export { systemClock, type Clock } from './clock'
export { sha256 } from './digest'
export { DRAIN_MS, Pen } from './drawing'
export { readEvents } from './eventstream'
export * from './frames'
export type { SocketLike } from './link'
export { webLocks, type TryLock } from './locks'
export { Outbox, randomKey, type Delivery, type Draft, type UnsentTurn } from './outbox'
export { Reader, type GenerationView, type ReaderEvent } from './reader'

/**
 * What a reader of replies does, without a socket and without a clock: frames and the time go in, frames to send and
 * events come out.
 *
 * The rules are those of docs/socket.md: frames of unknown generations are held for ten seconds, a hole is asked for,
 * three seconds of silence in an unfinished reply are asked about (backing off to fifteen, one question in flight), and
 * after a reconnection every followed chat is followed again. Told that frames come too fast, it sends none for a while.
 */

import { ReplyAssembler, type Outcome } from './assembler'
import type {
  ChangedFrame,
  DownFrame,
  EndFrame,
  GenerationFacts,
  GenerationKind,
  GenerationState,
  PieceFrame,
  RefusedFrame,
  SnapshotFrame,
  StartFrame,
  UpFrame,
} from './frames'

export const UNKNOWN_HELD_MS = 10_000
export const SILENCE_MS = 3_000
export const SILENCE_MOST_MS = 15_000
/** Live pieces and the answer to a question may cross on their way: a hole this young may close by itself. */
export const HOLE_GRACE_MS = 150
/** A question without an answer is asked again after this. */
export const ANSWER_MS = 5_000
/** A server that goes on refusing is left alone ever longer, up to this. */
export const HUSH_MOST_MS = 60_000
const FINISHED_KEPT = 200

/** A generation as the page sees it. */
export interface GenerationView {
  id: string
  turnId: string
  chatId: string
  branchId: string
  messageId: string | null
  kind: GenerationKind
  characterId: string
  epoch: number
  place: number | null
  text: string
  reasoning: string
}

export type ReaderEvent =
  | { type: 'started'; generation: GenerationView }
  /** Text and reasoning to append. */
  | { type: 'text'; generationId: string; text: string; reasoning: string }
  /** The reply begins anew with this text. */
  | { type: 'replaced'; generationId: string; text: string; reasoning: string }
  /** `verified` false: what was shown is not what was stored, fetch the message. */
  | { type: 'ended'; generation: GenerationView; end: EndFrame; verified: boolean }
  /** The server knows nothing of it: its chat was deleted, say. */
  | { type: 'lost'; generationId: string; chatId: string }
  | { type: 'following'; chatId: string; revision: number; behind: boolean }
  | { type: 'changed'; frame: ChangedFrame }
  | { type: 'refused'; frame: RefusedFrame }

interface Tracked {
  facts: GenerationFacts
  place: number | null
  reply: ReplyAssembler
  announced: boolean
  heardAt: number
  silence: number
  holeSince: number | null
  askedAt: number | null
}

interface Stray {
  at: number
  frame: PieceFrame | EndFrame
}

export class Reader {
  private chats = new Map<string, number>()
  private tracked = new Map<string, Tracked>()
  private handles = new Map<string, { id: string; epoch: number }>()
  private strays: Stray[] = []
  /** The epoch in which lately finished generations ended: late copies of their frames mean nothing. */
  private finished = new Map<string, number>()
  private live = false
  private frames: UpFrame[] = []
  /** Chats that were to be followed, and turns that were to be stopped, without an answer yet. */
  private unfollowed = new Set<string>()
  private stopping = new Set<string>()
  /** Until then no frame goes out, for the server found that too many came. */
  private hushedUntil: number | null = null
  private hushes = 0
  private events: ReaderEvent[] = []

  constructor(
    private readonly locale = 'en',
    private readonly contract = 1,
  ) {}

  // --- what the page wants

  follow(chatId: string, revision: number): void {
    const again = this.chats.has(chatId)
    this.chats.set(chatId, revision)
    if (this.live && !again) this.pushFollow(chatId, revision)
  }

  /** The page has taken in everything up to `revision`. */
  seen(chatId: string, revision: number): void {
    const known = this.chats.get(chatId)
    if (known !== undefined && revision > known) this.chats.set(chatId, revision)
  }

  unfollow(chatId: string): void {
    if (!this.chats.delete(chatId)) return
    this.unfollowed.delete(chatId)
    if (this.live) this.frames.push({ type: 'unfollow', chat_id: chatId })
    for (const [id, one] of this.tracked) if (one.facts.chat_id === chatId) this.tracked.delete(id)
  }

  /** A generation the page knows of before its first frame: from the answer to its turn, or from opening the chat. */
  expect(facts: GenerationFacts, now: number, base: string | null = ''): void {
    if (this.finished.has(facts.generation_id)) return
    const known = this.tracked.get(facts.generation_id)
    if (known) {
      known.reply.base = base
      return
    }
    this.track(facts, null, now).reply.base = base
    this.releaseStrays(now)
  }

  /** The text a `continue` goes on from; without it the end cannot be checked. */
  setBase(generationId: string, base: string): void {
    const known = this.tracked.get(generationId)
    if (known) known.reply.base = base
  }

  stop(turnId: string): boolean {
    if (!this.live || this.hushedUntil !== null) return false
    this.stopping.add(turnId)
    this.frames.push({ type: 'stop', turn_id: turnId })
    return true
  }

  followed(): string[] {
    return [...this.chats.keys()]
  }

  isUnfinished(chatId: string): boolean {
    return [...this.tracked.values()].some((one) => one.facts.chat_id === chatId)
  }

  /** Unfinished generations with what a resume needs. */
  unfinished(): { generationId: string; chatId: string; epoch: number; after: number }[] {
    return [...this.tracked].map(([generationId, one]) => ({
      generationId,
      chatId: one.facts.chat_id,
      epoch: one.reply.epoch,
      after: one.reply.upto,
    }))
  }

  view(generationId: string): GenerationView | null {
    const one = this.tracked.get(generationId)
    return one ? viewOf(one) : null
  }

  // --- what the socket says

  connected(now: number): void {
    this.live = true
    this.handles.clear()
    this.strays = []
    this.frames = []
    this.hushedUntil = null
    this.unfollowed.clear()
    this.stopping.clear()
    for (const [chatId, revision] of this.chats) this.pushFollow(chatId, revision)
    for (const one of this.tracked.values()) {
      one.heardAt = now
      one.silence = SILENCE_MS
      one.askedAt = null
      one.holeSince = one.reply.hasHole ? now : null
    }
  }

  disconnected(): void {
    this.live = false
    this.frames = []
  }

  hello(): UpFrame {
    return { type: 'hello', contract: this.contract, locale: this.locale }
  }

  receive(frame: DownFrame, now: number): void {
    switch (frame.type) {
      case 'start':
        return this.onStart(frame, now)
      case 'd':
        return this.onPiece(frame, now)
      case 'snapshot':
        return this.onSnapshot(frame, now)
      case 'end':
        return this.onEnd(frame, now)
      case 'following':
        return this.onFollowing(frame.chat_id, frame.revision, frame.generation_ids, now)
      case 'changed':
        this.events.push({ type: 'changed', frame })
        return
      case 'error':
        if (frame.retry_after_seconds !== null) this.hush(frame.retry_after_seconds * 1000, now)
        this.events.push({ type: 'refused', frame })
        return
      case 'welcome':
      case 'pong':
        return
    }
  }

  // --- what plain requests say, where no socket gets through

  /** The position of an unfinished generation is about to be asked for, as `{epoch}-{seq}`; null when it is none. */
  asking(generationId: string): string | null {
    const one = this.tracked.get(generationId)
    one?.reply.asked()
    return one ? `${one.reply.epoch}-${one.reply.upto}` : null
  }

  /** A frame from the event stream of one generation, where handles mean nothing. */
  receiveFor(generationId: string, epoch: number, frame: DownFrame, now: number): void {
    const one = this.tracked.get(generationId)
    if (!one) return
    if (frame.type === 'd') this.tell(generationId, one, one.reply.add(epoch, frame), now)
    else this.receive(frame, now)
  }

  /** The whole of one generation. */
  receiveState(state: GenerationState, now: number): void {
    const one = this.tracked.get(state.id)
    if (!one || state.epoch < one.reply.epoch) return
    if (state.status === 'done') return this.tell(state.id, one, one.reply.conclude(endOf(state)), now)
    if (state.status === 'queued') return
    const facts = { ...state, generation_id: state.id }
    this.onSnapshot({ ...facts, type: 'snapshot', g: '', upto: state.seq, part: 1, parts: 1 }, now)
  }

  /** A chat's revision, and what runs in it. */
  receiveChat(chatId: string, revision: number, running: readonly GenerationFacts[], now: number): void {
    const known = this.chats.get(chatId)
    if (known === undefined) return
    for (const facts of running) {
      const id = facts.generation_id
      if (!this.tracked.has(id) && !this.finished.has(id)) this.announce(this.track(facts, null, now))
    }
    this.events.push({ type: 'following', chatId, revision, behind: revision > known })
  }

  /** The server knows nothing of a generation. */
  forget(generationId: string): void {
    const one = this.tracked.get(generationId)
    if (!one) return
    this.tracked.delete(generationId)
    this.events.push({ type: 'lost', generationId, chatId: one.facts.chat_id })
  }

  /** Looks at what the time has made due. */
  tick(now: number): void {
    this.strays = this.strays.filter((stray) => now - stray.at < UNKNOWN_HELD_MS)
    if (!this.live) return
    if (this.hushedUntil !== null) {
      if (now < this.hushedUntil) return
      this.speakAgain()
    }
    for (const [id, one] of this.tracked) {
      if (now < this.dueAt(one)) continue
      if (one.holeSince === null) one.silence = Math.min(one.silence * 2, SILENCE_MOST_MS)
      this.ask(id, one, now)
    }
  }

  /** When `tick` has something to do next; null means never by itself. */
  nextDeadline(): number | null {
    const times = this.strays.map((stray) => stray.at + UNKNOWN_HELD_MS)
    if (this.live && this.hushedUntil !== null) times.push(this.hushedUntil)
    else if (this.live) for (const one of this.tracked.values()) times.push(this.dueAt(one))
    return times.length > 0 ? Math.min(...times) : null
  }

  takeFrames(): UpFrame[] {
    return this.hushedUntil === null ? this.frames.splice(0) : []
  }

  takeEvents(): ReaderEvent[] {
    return this.events.splice(0)
  }

  // --- inside

  private onStart(frame: StartFrame, now: number): void {
    if (this.isOver(frame)) return
    const one = this.tracked.get(frame.generation_id) ?? this.track(frame, frame.place, now)
    if (frame.epoch < one.reply.epoch) return
    one.facts = frame
    one.place = frame.place
    this.heard(one, now)
    this.handles.set(frame.g, { id: frame.generation_id, epoch: frame.epoch })
    const outcome = one.reply.begin(frame.epoch)
    this.announce(one)
    this.tell(frame.generation_id, one, outcome, now)
    this.releaseStrays(now)
  }

  private onPiece(frame: PieceFrame, now: number): void {
    const handle = this.handles.get(frame.g)
    const one = handle && this.tracked.get(handle.id)
    if (!handle) {
      this.strays.push({ at: now, frame })
      return
    }
    if (!one) return
    const had = one.reply.upto
    const outcome = one.reply.add(handle.epoch, frame)
    if (one.reply.upto > had || outcome.hole) this.heard(one, now, one.reply.upto > had)
    this.announce(one)
    this.tell(handle.id, one, outcome, now)
  }

  private onSnapshot(frame: SnapshotFrame, now: number): void {
    if (this.isOver(frame)) return
    const one = this.tracked.get(frame.generation_id) ?? this.track(frame, null, now)
    if (frame.epoch < one.reply.epoch) return
    one.facts = frame
    if (frame.status !== 'queued') one.place = null
    this.heard(one, now)
    if (frame.g) this.handles.set(frame.g, { id: frame.generation_id, epoch: frame.epoch })
    const outcome = one.reply.addSnapshot(frame)
    this.announce(one)
    this.tell(frame.generation_id, one, outcome, now)
    this.releaseStrays(now)
  }

  private onEnd(frame: EndFrame, now: number): void {
    this.stopping.delete(frame.turn_id)
    if (this.isOver(frame)) return
    const one = this.tracked.get(frame.generation_id)
    if (!one) {
      this.strays.push({ at: now, frame })
      return
    }
    this.heard(one, now)
    this.tell(frame.generation_id, one, one.reply.finish(frame), now)
  }

  private onFollowing(chatId: string, revision: number, running: string[], now: number): void {
    this.unfollowed.delete(chatId)
    if (this.hushedUntil === null) this.hushes = 0
    const known = this.chats.get(chatId)
    if (known === undefined) return
    for (const [id, one] of this.tracked) {
      // It ended while we were away: the answer to a resume is its end.
      if (one.facts.chat_id === chatId && !running.includes(id)) this.ask(id, one, now)
    }
    this.events.push({ type: 'following', chatId, revision, behind: revision > known })
  }

  private pushFollow(chatId: string, revision: number): void {
    this.unfollowed.add(chatId)
    this.frames.push({ type: 'follow', chat_id: chatId, revision })
  }

  /** One flood is answered by many refusals: the first of them counts. */
  private hush(forMs: number, now: number): void {
    if (this.hushedUntil !== null) return
    this.hushedUntil = now + Math.min(HUSH_MOST_MS, Math.max(forMs, 1_000) * 2 ** this.hushes)
    this.hushes += 1
  }

  /** What was refused has no answer, so it is asked for again; a resume comes due by itself. */
  private speakAgain(): void {
    this.hushedUntil = null
    this.frames = this.frames.filter(({ type }) => type !== 'follow' && type !== 'stop')
    for (const chatId of this.unfollowed) this.pushFollow(chatId, this.chats.get(chatId) ?? 0)
    for (const turnId of this.stopping) this.frames.push({ type: 'stop', turn_id: turnId })
  }

  private track(facts: GenerationFacts, place: number | null, now: number): Tracked {
    const one: Tracked = {
      facts,
      place,
      reply: new ReplyAssembler(facts.kind === 'continue' ? null : ''),
      announced: false,
      heardAt: now,
      silence: SILENCE_MS,
      holeSince: null,
      askedAt: null,
    }
    this.tracked.set(facts.generation_id, one)
    return one
  }

  private heard(one: Tracked, now: number, progress = true): void {
    one.heardAt = now
    one.askedAt = null
    if (progress) one.silence = SILENCE_MS
  }

  private announce(one: Tracked): void {
    if (one.announced) return
    one.announced = true
    this.events.push({ type: 'started', generation: { ...viewOf(one), text: '', reasoning: '' } })
  }

  private tell(id: string, one: Tracked, outcome: Outcome, now: number): void {
    if (outcome.replaced) {
      this.events.push({ type: 'replaced', generationId: id, text: outcome.text, reasoning: outcome.reasoning })
    } else if (outcome.text || outcome.reasoning) {
      this.events.push({ type: 'text', generationId: id, text: outcome.text, reasoning: outcome.reasoning })
    }
    one.holeSince = outcome.hole ? (one.holeSince ?? now) : null
    if (!outcome.ended) return
    this.announce(one)
    const { frame, verified } = outcome.ended
    this.events.push({ type: 'ended', generation: viewOf(one), end: frame, verified })
    this.tracked.delete(id)
    this.finished.set(id, frame.epoch)
    if (this.finished.size > FINISHED_KEPT) this.finished.delete(this.finished.keys().next().value!)
  }

  private isOver(frame: { generation_id: string; epoch: number }): boolean {
    return frame.epoch <= (this.finished.get(frame.generation_id) ?? -1)
  }

  private dueAt(one: Tracked): number {
    if (one.askedAt !== null) return one.askedAt + Math.max(ANSWER_MS, one.silence)
    if (one.holeSince !== null) return one.holeSince + HOLE_GRACE_MS
    return one.heardAt + one.silence
  }

  private ask(id: string, one: Tracked, now: number): void {
    one.askedAt = now
    if (one.holeSince !== null) one.holeSince = now
    one.reply.asked()
    this.frames.push({ type: 'resume', generation_id: id, epoch: one.reply.epoch, after: one.reply.upto })
  }

  /** Gives frames that waited for their generation to it. */
  private releaseStrays(now: number): void {
    const waiting = this.strays.splice(0)
    for (const { at, frame } of waiting) {
      const known = frame.type === 'd' ? this.handles.has(frame.g) : this.tracked.has(frame.generation_id)
      if (known) this.receive(frame, now)
      else this.strays.push({ at, frame })
    }
  }
}

/** What a `done` state says, without what would be needed to check a text by it. */
function endOf(state: GenerationState): EndFrame {
  const error = state.error_code === null ? null : { code: state.error_code, message: state.error_message ?? '' }
  return {
    type: 'end',
    generation_id: state.id,
    turn_id: state.turn_id,
    chat_id: state.chat_id,
    epoch: state.epoch,
    seq: state.seq,
    finish_reason: state.finish_reason ?? 'stop',
    error,
    message_id: state.message_id,
    revision: null,
    length: 0,
    sha256: '',
    changed: true,
    usage: state.usage,
    chat_revision: null,
    next: null,
  }
}

function viewOf(one: Tracked): GenerationView {
  const { facts, reply } = one
  return {
    id: facts.generation_id,
    turnId: facts.turn_id,
    chatId: facts.chat_id,
    branchId: facts.branch_id,
    messageId: facts.message_id,
    kind: facts.kind,
    characterId: facts.character_id,
    epoch: reply.epoch,
    place: one.place,
    text: reply.text,
    reasoning: reply.reasoning,
  }
}

/**
 * A reply on its way, as the page holds it. Its text is not reactive on purpose: a listener is called for every delta
 * and appends it, so that Vue renders nothing while words come.
 */
import { shallowReactive } from 'vue'
import type { EndFrame, GenerationKind, GenerationView } from '@tavern/streaming-client'

export interface ReplyListener {
  append: (text: string) => void
  reset: (text: string) => void
  /** Nothing comes after this. */
  finish?: () => void
}

/** What changes seldom, and may be watched. */
export interface ReplyState {
  /** `waiting`: nothing written yet. `done`: the stored message is being fetched. */
  phase: 'waiting' | 'thinking' | 'writing' | 'stopping' | 'done' | 'failed'
  /** Place in the queue, if it waits there. */
  place: number | null
  messageId: string | null
  error: { code: string; message: string } | null
  /** The group goes on by itself, and only then; null when it is this one's turn. */
  waitsUntil: string | null
}

export class LiveReply {
  readonly state: ReplyState
  text = ''
  reasoning = ''
  readonly startedAt = Date.now()
  private listeners = new Set<ReplyListener>()
  private reasoningListeners = new Set<ReplyListener>()

  constructor(
    readonly id: string,
    readonly turnId: string,
    readonly kind: GenerationKind,
    readonly characterId: string,
    messageId: string | null,
  ) {
    this.state = shallowReactive({ phase: 'waiting', place: null, messageId, error: null, waitsUntil: null })
  }

  get running(): boolean {
    return this.state.phase !== 'done' && this.state.phase !== 'failed'
  }

  /** Whether it waits for the group's pause to end: nothing of it is drawn yet. */
  get pausing(): boolean {
    return this.state.waitsUntil !== null && this.running
  }

  begin(view: GenerationView): void {
    this.state.waitsUntil = null
    this.state.place = view.place
    if (view.messageId) this.state.messageId = view.messageId
  }

  add(text: string, reasoning: string): void {
    if (reasoning) {
      this.reasoning += reasoning
      for (const listener of this.reasoningListeners) listener.append(reasoning)
    }
    if (text) {
      this.text += text
      for (const listener of this.listeners) listener.append(text)
    }
    this.wakes()
  }

  replace(text: string, reasoning: string): void {
    this.text = text
    this.reasoning = reasoning
    for (const listener of this.listeners) listener.reset(text)
    for (const listener of this.reasoningListeners) listener.reset(reasoning)
    this.wakes()
  }

  end(frame: EndFrame): void {
    this.state.error = frame.finish_reason === 'error' ? (frame.error ?? { code: 'internal', message: '' }) : null
    this.state.phase = this.state.error ? 'failed' : 'done'
    if (frame.message_id) this.state.messageId = frame.message_id
    for (const listener of [...this.listeners, ...this.reasoningListeners]) listener.finish?.()
  }

  /** Hears the text from its beginning on. Returns how to stop. */
  listen(listener: ReplyListener, what: 'text' | 'reasoning' = 'text'): () => void {
    const set = what === 'text' ? this.listeners : this.reasoningListeners
    listener.reset(what === 'text' ? this.text : this.reasoning)
    set.add(listener)
    return () => set.delete(listener)
  }

  private wakes(): void {
    if (this.state.phase === 'stopping') return
    this.state.place = null
    if (this.text) this.state.phase = 'writing'
    else if (this.reasoning) this.state.phase = 'thinking'
  }
}

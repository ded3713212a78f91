/**
 * The open chat: its messages, the replies on their way, and what keeps both in step with the server and other devices.
 * What a person can do to them is in deeds.ts and turns.ts.
 */
import { DRAIN_MS, type EndFrame, type ReaderEvent, type UnsentTurn } from '@tavern/streaming-client'
import { computed, nextTick, shallowReactive, shallowRef, type InjectionKey } from 'vue'
import { charactersApi } from '@/api/characters'
import { groupsApi } from '@/api/groups'
import { chatsApi } from '@/api/chats'
import { AppProblem } from '@/api/http'
import type { Branch, Character, CharacterSummary, Chat, Generation, Group, Message, NewTurn } from '@/api/schema'
import { followChat, leaveChat, liveConnection, onReaderEvent } from './live'
import { withMessage, withNewest, withOlder, without, type Known } from './pages'
import { LiveReply } from './reply'

const PAGE = 50
const PAGE_MOST = 200
const TAIL = 20

/** One turn of the story as it is drawn. */
export interface Row {
  key: string
  message: Message | null
  /** A reply that is being written into this place. */
  live: LiveReply | null
  /** What the user said and the server has not got yet. */
  unsent: UnsentTurn<NewTurn> | null
}

export interface StoryEvents {
  /** A reply came to its end, well or not. */
  onEnded: (reply: LiveReply) => void
  /** The text of an impersonation: for the composer. */
  onImpersonated: (text: string, generationId: string, verified: boolean) => void
}

export class Story {
  readonly chat = shallowRef<Chat | null>(null)
  readonly branch = shallowRef<Branch | null>(null)
  readonly branches = shallowRef<Branch[]>([])
  readonly character = shallowRef<Character | null>(null)
  /** In a chat with a group: it, and those of its members who are here, by their ids. */
  readonly group = shallowRef<Group | null>(null)
  readonly members = shallowRef(new Map<string, CharacterSummary>())
  /** The character was deleted for good: the story can be read and kept, but nobody answers. */
  readonly gone = shallowRef(false)
  readonly known = shallowRef<Known>({ messages: [], before: null })
  readonly replies = shallowReactive(new Map<string, LiveReply>())
  readonly unsent = shallowRef<UnsentTurn<NewTurn>[]>([])
  readonly problem = shallowRef<unknown>(null)
  readonly loading = shallowRef(true)
  readonly loadingOlder = shallowRef(false)
  /** Older messages are being put above: the window keeps its place from the end. */
  readonly prepending = shallowRef(false)
  /** Remembers what the reader has before their eyes; what it gives back brings that there again. The column sets it. */
  holdPlace: () => () => void = () => () => {}
  private readonly unhear: () => void
  private closed = false

  constructor(
    readonly chatId: string,
    private readonly events: StoryEvents,
  ) {
    this.unhear = onReaderEvent((event) => this.hear(event))
  }

  readonly rows = computed<Row[]>(() => this.drawn())

  /** The reply that holds the branch: text, swipe or continue. */
  readonly running = computed<LiveReply | null>(() => [...this.replies.values()].find((one) => one.running && !one.pausing) ?? null)

  /** The reply with which the group goes on by itself after its pause. */
  readonly pausing = computed<LiveReply | null>(() => [...this.replies.values()].find((one) => one.pausing) ?? null)

  /** Name of who one talks with. */
  readonly partner = computed(() => this.character.value?.name ?? this.group.value?.name ?? '')

  readonly last = computed<Message | null>(() => this.known.value.messages.at(-1) ?? null)

  async open(branchId: string | null = null): Promise<void> {
    this.loading.value = true
    this.problem.value = null
    try {
      const opened = await chatsApi.open(this.chatId, branchId)
      if (this.closed) return
      this.chat.value = opened.chat
      this.branch.value = opened.branch
      this.known.value = { messages: opened.page.messages, before: opened.page.before }
      this.replies.clear()
      for (const generation of opened.active) this.expect(generation)
      followChat(this.chatId, opened.branch.id, opened.chat.revision)
      void this.loadAround()
    } catch (problem) {
      this.problem.value = problem
    } finally {
      this.loading.value = false
    }
  }

  close(): void {
    this.closed = true
    this.unhear()
    leaveChat(this.chatId)
  }

  /** A generation learned of by REST. */
  expect(generation: Generation): LiveReply {
    const reply = this.replyFor(generation)
    if (generation.status === 'queued') reply.state.waitsUntil = generation.waits_until
    const base = generation.kind === 'continue' ? (this.message(generation.message_id)?.text ?? null) : ''
    liveConnection().expect(
      {
        generation_id: generation.id,
        turn_id: generation.turn_id,
        epoch: generation.epoch,
        chat_id: generation.chat_id,
        branch_id: generation.branch_id,
        message_id: generation.message_id,
        kind: generation.kind,
        character_id: generation.character_id,
      },
      base,
    )
    return reply
  }

  message(id: string | null): Message | null {
    return this.known.value.messages.find((one) => one.id === id) ?? null
  }

  put(message: Message): void {
    this.known.value = withMessage(this.known.value, message)
  }

  take(messageId: string): void {
    this.known.value = without(this.known.value, messageId)
  }

  /** Loads upwards until a message is here; false when this branch does not lead through it. */
  async reach(messageId: string): Promise<boolean> {
    while (!this.message(messageId) && this.known.value.before !== null && !this.closed) await this.loadOlder(PAGE_MOST)
    return this.message(messageId) !== null
  }

  async loadOlder(limit = PAGE): Promise<void> {
    const { before } = this.known.value
    if (before === null || this.loadingOlder.value) return
    this.loadingOlder.value = true
    try {
      const page = await chatsApi.messages(this.chatId, { branch_id: this.branch.value?.id, before, limit })
      this.prepending.value = true
      this.known.value = withOlder(this.known.value, page)
      await nextTick()
    } finally {
      this.prepending.value = false
      this.loadingOlder.value = false
    }
  }

  /** Brings the newest messages in step with the server. */
  async refresh(): Promise<void> {
    const page = await chatsApi.messages(this.chatId, { branch_id: this.branch.value?.id, limit: TAIL })
    if (!this.closed) this.known.value = withNewest(this.known.value, page)
  }

  async refreshChat(): Promise<void> {
    const { chat } = await chatsApi.open(this.chatId, this.branch.value?.id)
    if (!this.closed) this.chat.value = chat
  }

  /** Who answers here, or that nobody does any more. */
  async loadCharacter(characterId: string): Promise<void> {
    try {
      this.character.value = await charactersApi.get(characterId)
      this.gone.value = false
    } catch (problem) {
      if (problem instanceof AppProblem && problem.code === 'not_found') this.gone.value = true
    }
  }

  async loadGroup(groupId: string): Promise<void> {
    try {
      this.group.value = await groupsApi.get(groupId)
      this.gone.value = false
    } catch (problem) {
      if (problem instanceof AppProblem && problem.code === 'not_found') this.gone.value = true
      return
    }
    const ids = this.group.value.members.flatMap((one) => one.character_id ?? [])
    const said = this.known.value.messages.flatMap((one) => one.character_id ?? [])
    const wanted = [...new Set([...ids, ...said])].slice(0, 100)
    if (!wanted.length) return
    const { items } = await charactersApi.some(wanted)
    this.members.value = new Map(items.map((one) => [one.id, one]))
  }

  async loadBranches(): Promise<void> {
    this.branches.value = await chatsApi.branches(this.chatId)
  }

  // --- inside

  private async loadAround(): Promise<void> {
    await Promise.allSettled([this.loadBranches(), this.loadPartner()])
  }

  /** Who answers here: the character, or the group. */
  async loadPartner(): Promise<void> {
    const chat = this.chat.value
    if (chat?.group_id) await this.loadGroup(chat.group_id)
    else if (chat?.character_id) await this.loadCharacter(chat.character_id)
  }

  private drawn(): Row[] {
    const replies = [...this.replies.values()].filter((one) => one.kind !== 'impersonate' && one.kind !== 'quiet' && !one.pausing)
    const rows: Row[] = this.known.value.messages.map((message) => ({
      key: message.id,
      message,
      live: replies.find((one) => one.state.messageId === message.id) ?? null,
      unsent: null,
    }))
    for (const unsent of this.unsent.value) rows.push({ key: unsent.key, message: null, live: null, unsent })
    for (const live of replies) {
      if (rows.some((row) => row.live === live)) continue
      rows.push({ key: live.state.messageId ?? live.id, message: null, live, unsent: null })
    }
    return rows
  }

  private replyFor(one: Pick<Generation, 'id' | 'turn_id' | 'kind' | 'character_id' | 'message_id'>): LiveReply {
    const known = this.replies.get(one.id)
    if (known) return known
    const reply = new LiveReply(one.id, one.turn_id, one.kind, one.character_id, one.message_id)
    // A new reply takes the place of one that failed; one of the same turn comes after it.
    for (const [id, other] of this.replies)
      if (!other.running && (other.state.phase === 'failed' || other.turnId !== one.turn_id)) this.replies.delete(id)
    this.replies.set(one.id, reply)
    return reply
  }

  private hear(event: ReaderEvent): void {
    if (this.closed) return
    switch (event.type) {
      case 'started': {
        const view = event.generation
        if (view.chatId !== this.chatId || view.branchId !== this.branch.value?.id) return
        const facts = { id: view.id, turn_id: view.turnId, kind: view.kind, character_id: view.characterId, message_id: view.messageId }
        this.replyFor(facts).begin(view)
        return
      }
      case 'text':
        this.replies.get(event.generationId)?.add(event.text, event.reasoning)
        return
      case 'replaced':
        this.replies.get(event.generationId)?.replace(event.text, event.reasoning)
        return
      case 'ended': {
        const reply = this.replies.get(event.generation.id)
        if (!reply) return
        reply.end(event.end)
        if (event.end.chat_revision !== null) liveConnection().seen(this.chatId, event.end.chat_revision)
        this.awaitNext(reply, event.end)
        void this.conclude(reply, event.verified)
        return
      }
      case 'changed':
        if (event.frame.chat_id === this.chatId) void this.follow(event.frame.what, event.frame.revision, event.frame.message_id)
        return
      case 'following':
        if (event.chatId === this.chatId && event.behind) void this.catchUp(event.revision)
        return
      case 'lost':
        this.replies.delete(event.generationId)
        return
      case 'refused':
        return
    }
  }

  /** In a group the next one speaks in the same turn. */
  private awaitNext(reply: LiveReply, { next, chat_id, turn_id }: EndFrame): void {
    const branchId = this.branch.value?.id
    if (!next || !branchId) return
    const facts = { id: next.generation_id, turn_id, kind: reply.kind, character_id: next.character_id, message_id: next.message_id }
    this.replyFor(facts).state.waitsUntil = next.waits_until
    const { id, ...rest } = facts
    liveConnection().expect({ ...rest, generation_id: id, epoch: 0, chat_id, branch_id: branchId }, '')
  }

  /** The stored message takes the place of the reply: only then is it no longer drawn from the stream. */
  private async conclude(reply: LiveReply, verified: boolean): Promise<void> {
    this.events.onEnded(reply)
    if (reply.state.error?.code === 'not_found') void this.loadPartner()
    if (reply.kind === 'impersonate') {
      this.replies.delete(reply.id)
      if (reply.state.phase === 'done') this.events.onImpersonated(reply.text, reply.id, verified)
      return
    }
    // The pen draws the last words before the stored text takes their place.
    await new Promise((resolve) => setTimeout(resolve, DRAIN_MS))
    for (let attempt = 0; attempt < 4 && !this.closed; attempt++) {
      try {
        await this.refresh()
        if (reply.state.phase === 'done') this.replies.delete(reply.id)
        return
      } catch {
        // The text stays as it was streamed until the message can be read.
        await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** attempt))
      }
    }
  }

  /** Another device, or this one, changed the chat. */
  private async follow(what: string, revision: number, messageId: string | null): Promise<void> {
    try {
      if (what === 'chat') await this.refreshChat()
      else if (what === 'branch') await Promise.all([this.loadBranches(), this.refresh()])
      else if (what === 'delete') await this.refreshAround(messageId)
      else if (messageId !== null && this.message(messageId)) await this.refreshMessage(messageId)
      else await this.refresh()
      liveConnection().seen(this.chatId, revision)
    } catch {
      // The revision in the next follow repairs what could not be read now.
    }
  }

  /** What was deleted may have taken all below with it, or stood alone further up than the newest page reaches. */
  private async refreshAround(messageId: string | null): Promise<void> {
    await this.refresh()
    if (messageId !== null && this.message(messageId)) await this.refreshMessage(messageId)
  }

  private async refreshMessage(id: string): Promise<void> {
    const { messages } = this.known.value
    const next = messages[messages.findIndex((one) => one.id === id) + 1]
    const page = await chatsApi.messages(this.chatId, { branch_id: this.branch.value?.id, before: next?.id, limit: 1 })
    const fresh = page.messages[0]
    if (this.closed) return
    if (fresh?.id === id) this.put(fresh)
    else this.take(id)
  }

  private async catchUp(revision: number): Promise<void> {
    try {
      await Promise.all([this.refresh(), this.refreshChat()])
      liveConnection().seen(this.chatId, revision)
    } catch {
      // The next follow tells again.
    }
  }
}

export const STORY: InjectionKey<Story> = Symbol('story')

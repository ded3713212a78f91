// Written by `make generate` from the models and the REST doors. Do not edit.

/** A person's account, as its owner sees it. */
export interface Account {
  id: string
  name: string
  email: string
  role: Role
  created_at: string
  choices: Choices
  banned: boolean
}

/** Fields left out stay as they are; a field of `choices` given as null is cleared. */
export interface AccountChange {
  name?: string | null
  choices?: ChoicesChange | null
}

/** Who signs in at an OIDC issuer has no password; they sign in again first instead. */
export interface AccountDeletion {
  password?: string | null
}

export interface AskedMember {
  character_id: string | null
  /** As it was given: it leads back to SillyTavern. */
  file?: string
  muted?: boolean
}

export interface Asset {
  type: string
  uri: string
  name: string
  ext: string
  [key: string]: unknown
}

/** One stretch of a prompt, explained. */
export interface Block {
  /** main, charDescription, history:<message id>, world:<world>:<uid>, example:2, note … */
  source: string
  title: string
  tokens: number
  reason: string
  /** The key that was found, the depth, the message … */
  detail: string
  /** In which message of the prompt it stands, and from where how far. */
  place: number
  start: number
  length: number
}

/** A lorebook that travels inside a card. */
export interface Book {
  name: string | null
  description: string | null
  scan_depth: number | null
  token_budget: number | null
  recursive_scanning: boolean | null
  extensions: Record<string, unknown>
  entries: BookEntry[]
  [key: string]: unknown
}

export interface BookEntry {
  keys: string[]
  content: string
  extensions: Record<string, unknown>
  enabled: boolean
  insertion_order: number
  case_sensitive: boolean | null
  use_regex: boolean
  constant: boolean | null
  name: string | null
  priority: number | null
  id: number | string | null
  comment: string | null
  selective: boolean | null
  secondary_keys: string[] | null
  position: string | number | null
  [key: string]: unknown
}

export interface Branch {
  id: string
  chat_id: string
  title: string
  spans: Span[]
  created_at: string
  updated_at: string
  from_message_id: string | null
  /** The turn that holds the branch's lock. */
  active_turn_id: string | null
}

export interface BranchChange {
  title: string
}

/** The same done to many entries. Entries that are gone meanwhile are passed over. */
export interface BulkChange {
  uids: number[]
  /** `number` gives them rising numbers in the order of `uids`; `restore` brings back what was deleted. */
  action?: 'set' | 'number' | 'delete' | 'restore'
  /** Of `set`: the fields, as of a change of one. */
  entry?: Record<string, unknown>
  /** Of `number`: which field, from where, in which steps. */
  field?: 'displayIndex' | 'order'
  first?: number
  step?: number
}

/** What was done: the entries with their revisions now, and the world. */
export interface BulkChanged {
  changed: EntryRevision[]
  world: WorldSummary
}

/** A whole card. Top-level keys besides these three (SillyTavern mirrors V1 there) are kept. */
export interface Card {
  spec: 'chara_card_v3'
  spec_version: string
  data: CardData
  [key: string]: unknown
}

/** The `data` of a card. */
export interface CardData {
  name: string
  description: string
  personality: string
  scenario: string
  first_mes: string
  mes_example: string
  creator_notes: string
  system_prompt: string
  post_history_instructions: string
  alternate_greetings: string[]
  tags: string[]
  creator: string
  character_version: string
  extensions: Record<string, unknown>
  character_book: Book | null
  assets: Asset[] | null
  nickname: string | null
  creator_notes_multilingual: Record<string, string> | null
  source: string[] | null
  group_only_greetings: string[]
  creation_date: number | null
  modification_date: number | null
  [key: string]: unknown
}

/** Another device changed the chat. */
export interface Changed {
  type: 'changed'
  chat_id: string
  what: 'message' | 'swipe' | 'delete' | 'branch' | 'chat' | 'turn'
  revision: number
  message_id?: string | null
}

/** A character with its card. */
export interface Character {
  id: string
  name: string
  tagline: string
  tags: string[]
  favourite: boolean
  picture: Picture | null
  created_at: string
  updated_at: string
  last_used_at: string | null
  deleted_at: string | null
  revision: number
  card: Card
  /** Whether images and styles from other hosts may load in this character's texts. */
  allow_outside_media: boolean
}

/** Fields left out stay. `revision` is the one the change was made on. */
export interface CharacterChange {
  revision: number
  data?: CardData | null
  favourite?: boolean | null
  tags?: string[] | null
  allow_outside_media?: boolean | null
}

export interface CharacterQuery {
  cursor?: string | null
  limit?: number
  sort?: 'name' | 'recent' | 'created'
  search?: string
  tag?: string | null
  favourite?: boolean | null
  trash?: boolean
  /** Up to a hundred ids with commas between: these, also from the trash, in this order, and no other filter counts. An id that names nothing is left out. */
  ids?: string | null
}

/** A portrait on the library's wall. */
export interface CharacterSummary {
  id: string
  name: string
  tagline: string
  tags: string[]
  favourite: boolean
  picture: Picture | null
  created_at: string
  updated_at: string
  last_used_at: string | null
  deleted_at: string | null
  revision: number
}

export interface Chat {
  id: string
  /** "" in a chat with a group. */
  character_id: string
  group_id: string | null
  title: string
  preview: string
  message_count: number
  created_at: string
  updated_at: string
  deleted_at: string | null
  revision: number
  /** The branch that opens first. */
  branch_id: string
  persona_id: string | null
  authors_note: string
  authors_note_depth: number
  /** Every so many messages of the person; 0 never. */
  authors_note_interval: number
  authors_note_place: Place
  authors_note_role: MessageRole
  /** Whether entries of worlds look for their keys in it. */
  authors_note_scanned: boolean
  /** Whether the group goes on by itself. */
  auto_mode: boolean
  /** SillyTavern's chat_metadata, kept for the way back. */
  metadata: Record<string, unknown>
}

export interface ChatChange {
  title?: string | null
  persona_id?: string | null
  branch_id?: string | null
  authors_note?: string | null
  authors_note_depth?: number | null
  authors_note_interval?: number | null
  authors_note_place?: Place | null
  authors_note_role?: MessageRole | null
  authors_note_scanned?: boolean | null
  auto_mode?: boolean | null
}

export interface ChatExportQuery {
  format?: 'jsonl' | 'text'
  branch_id?: string | null
}

/** Whose chat the file is: a character's or a group's. */
export interface ChatImportQuery {
  character_id?: string | null
  group_id?: string | null
  filename?: string
}

/** All a page needs to show a chat. */
export interface ChatOpened {
  chat: Chat
  branch: Branch
  page: MessagePage
  /** Unfinished generations of the branch. */
  active: Generation[]
}

export interface ChatQuery {
  character_id?: string | null
  group_id?: string | null
  trash?: boolean
  cursor?: string | null
  limit?: number
}

export interface ChatSummary {
  id: string
  /** "" in a chat with a group. */
  character_id: string
  group_id: string | null
  title: string
  preview: string
  message_count: number
  created_at: string
  updated_at: string
  deleted_at: string | null
  revision: number
}

/** What a person chose once for the whole page. */
export interface Choices {
  locale: 'en' | 'zh-CN'
  theme: Theme
  layout: Layout
  font_px: number
  connection_id: string | null
  preset_id: string | null
  persona_id: string | null
  send_on_enter: boolean
  title_badge: boolean
  generate_title: boolean
}

export interface ChoicesChange {
  locale?: 'en' | 'zh-CN' | null
  theme?: Theme | null
  layout?: Layout | null
  font_px?: number | null
  connection_id?: string | null
  preset_id?: string | null
  persona_id?: string | null
  send_on_enter?: boolean | null
  title_badge?: boolean | null
  generate_title?: boolean | null
}

/** A connection as its owner sees it: the key itself never leaves the server. */
export interface Connection {
  id: string
  name: string
  kind: ProviderKind
  address: string
  model: string
  has_key: boolean
  /** The last four characters of the key. */
  key_hint: string
  fallback_id: string | null
  tokenizer: 'o200k_base' | 'cl100k_base'
  context_tokens: number | null
  /** For services that complete text; others mark turns by themselves. */
  text_format: TextFormat
  created_at: string
  updated_at: string
  revision: number
}

/** A new address drops the saved key unless the change brings one. */
export interface ConnectionChange {
  revision: number
  name?: string | null
  address?: string | null
  model?: string | null
  key?: string | null
  fallback_id?: string | null
  tokenizer?: 'o200k_base' | 'cl100k_base' | null
  context_tokens?: number | null
  text_format?: TextFormat | null
}

/** What a deletion of a message takes with it. */
export interface DeleteQuery {
  revision: number
  /** Also all messages below it on the branch. */
  below?: boolean
  branch_id?: string | null
  /** With `below`: the chat's revision that was seen. What was written since is a conflict, and none of it goes. */
  chat_revision?: number | null
}

export type DownFrame = Welcome | Following | Start | Piece | Snapshot | End | Changed | Pong | Refused

/** Where to fetch a file, for an hour. */
export interface Download {
  url: string
  filename: string
  expires_at: string
}

/** The last frame of a generation. A reader whose text does not hash to `sha256` fetches the message. */
export interface End {
  type: 'end'
  generation_id: string
  turn_id: string
  chat_id: string
  epoch: number
  seq: number
  finish_reason: FinishReason
  error?: FrameError | null
  message_id?: string | null
  revision?: number | null
  /** Characters (code points) of the stored text. */
  length: number
  sha256: string
  /** Whether the stored text differs from the streamed one. */
  changed: boolean
  usage?: TokenUsage | null
  chat_revision?: number | null
}

/** Fields that are not named stay; null is a value like others. */
export interface EntryChange {
  revision: number
  entry: Record<string, unknown>
  /** Fields that go. */
  remove?: string[]
}

export interface EntryQuery {
  cursor?: string | null
  limit?: number
  /** Without fields that have their usual value, and the content cut: enough to filter and sort. */
  light?: boolean
}

export interface EntryRevision {
  uid: number
  revision: number
}

/** Why a reply is as it is, or what one would be made from: the prompt, its blocks, and what was left out. */
export interface Explanation {
  /** None of a prompt that was not sent. */
  generation_id: string | null
  kind: GenerationKind
  kept_at: string | null
  connection: string
  model: string
  samplers: Record<string, unknown>
  stop: string[]
  /** Empty where the prompt was too large to be kept. */
  messages: PromptMessage[]
  manifest: Manifest
  /** Of the request as it was sent; 0 where none was, as by the demo. */
  request_bytes: number
  /** What found no room though it must be there: such a prompt is not sent. */
  lacking: '' | 'cards' | 'history'
}

export interface ExportQuery {
  format?: 'png' | 'json' | 'charx'
}

export type FinishReason = 'stop' | 'length' | 'stopped' | 'interrupted' | 'filtered' | 'tool_limit' | 'error'

export interface Follow {
  type: 'follow'
  chat_id: string
  revision?: number
}

export interface Following {
  type: 'following'
  chat_id: string
  revision: number
  generation_ids: string[]
}

export interface FrameError {
  code: string
  message: string
}

/** One reply on its way, or come to its end. */
export interface Generation {
  id: string
  turn_id: string
  chat_id: string
  branch_id: string
  character_id: string
  kind: GenerationKind
  status: GenerationStatus
  /** Which attempt; 0 before the first claim. */
  epoch: number
  /** The message the text goes to; None for quiet and impersonate. */
  message_id: string | null
  log: LogKind
  queued_at: string
  started_at: string | null
  ended_at: string | null
  /** Number of the last piece, known at the end. */
  seq: number
  /** The text so far as stored; for quiet and impersonate the result lives here. */
  text: string
  reasoning: string
  finish_reason: FinishReason | null
  error_code: string | null
  error_message: string | null
  usage: TokenUsage | null
  connection: string
  model: string
}

export type GenerationKind = 'reply' | 'swipe' | 'continue' | 'impersonate' | 'quiet'

export type GenerationStatus = 'queued' | 'running' | 'done'

export interface Group {
  name: string
  order: GroupOrder
  /** Whether the prompt has the speaker's card, or those of all (also the muted ones) joined. */
  cards: GroupCards
  join_prefix: string
  join_suffix: string
  /** Whether who spoke last may speak again though nobody else said anything. */
  self_replies: boolean
  /** How long the group waits before it goes on by itself, in chats whose auto mode is on. */
  auto_delay_seconds: number
  favourite: boolean
  id: string
  /** In the order they stand in, which is the one they speak in when the order is `list`. */
  members: Member[]
  /** None: the page shows the members' portraits together. */
  picture: Picture | null
  created_at: string
  updated_at: string
  revision: number
}

export type GroupCards = 'swap' | 'join' | 'join_all'

/** Fields left out stay. `revision` is the one the change was made on. */
export interface GroupChange {
  revision: number
  name?: string | null
  members?: AskedMember[] | null
  order?: GroupOrder | null
  cards?: GroupCards | null
  join_prefix?: string | null
  join_suffix?: string | null
  self_replies?: boolean | null
  auto_delay_seconds?: number | null
  favourite?: boolean | null
}

export type GroupOrder = 'natural' | 'list' | 'manual' | 'pooled'

export interface Hello {
  type: 'hello'
  contract: number
  locale?: string
}

export interface ImportQuery {
  filename?: string
}

/** What became of one file. */
export interface ImportedCharacter {
  line: ReportLine
  /** None when the file was left out. */
  character: CharacterSummary | null
}

export interface ImportedWorld {
  line: ReportLine
  world: WorldSummary
}

export interface Invitation {
  code: string
  created_at: string
  expires_at: string
  used_by: string | null
}

export interface Job {
  id: string
  kind: JobKind
  status: 'queued' | 'running' | 'done' | 'failed'
  done: number
  total: number | null
  report: ReportLine[]
  error: string | null
  code: string | null
  result: Record<string, unknown>
  created_at: string
  updated_at: string
}

export type JobKind = 'import_file' | 'export_account' | 'delete_account' | 'export_character'

export type Layout = 'book' | 'bubbles' | 'compact' | 'novel'

/** What could have been in a prompt and is not. */
export interface LeftOut {
  source: string
  title: string
  tokens: number
  reason: string
  detail: string
}

export type LogKind = 'redis' | 'dynamo'

/** A prompt explained: its blocks in order, and what was left out. */
export interface Manifest {
  blocks: Block[]
  left_out: LeftOut[]
  /** Messages above those that were looked at: nobody read them. */
  unread: number
  /** Tokens the prompt might have. */
  budget: number
  tokens: number
}

/** Somebody who belongs to a group. */
export interface Member {
  /** None for one that SillyTavern's file names and that is not here. */
  character_id: string | null
  /** The name of its picture's file, by which SillyTavern's group names it; "" for one that was added here. */
  file: string
  /** Speaks only when asked to. */
  muted: boolean
}

export interface Message {
  id: string
  chat_id: string
  role: MessageRole
  name: string
  text: string
  reasoning: string
  /** Kept out of the prompt. */
  hidden: boolean
  character_id: string | null
  swipe_index: number
  swipe_count: number
  reply: ReplyFacts | null
  /** How long the text is, counted with the encoding `counted_by`: another one counts otherwise. */
  tokens: number | null
  counted_by: string | null
  revision: number
  created_at: string
  edited_at: string | null
  deleted_at: string | null
  /** What SillyTavern's file held besides, kept for the way back. */
  extra: Record<string, unknown>
}

export interface MessageChange {
  revision: number
  text?: string | null
  hidden?: boolean | null
}

/** Oldest first. `before` asks for the page above; None at the chat's beginning. */
export interface MessagePage {
  messages: Message[]
  before: string | null
}

export interface MessageQuery {
  branch_id?: string | null
  /** A message id: the page ends just before it. None: the newest. */
  before?: string | null
  limit?: number
}

export type MessageRole = 'user' | 'assistant' | 'system'

export interface ModelInfo {
  id: string
  title: string
  context_tokens: number | null
}

/** A model server found on this machine. */
export interface NearbyServer {
  kind: ProviderKind
  title: string
  address: string
  models: ModelInfo[]
}

export interface NewBranch {
  message_id: string
  title?: string
}

export interface NewCharacter {
  /** Any version of a card, as JSON. */
  card: Record<string, unknown>
}

/** With a character, or with a group: one of the two. */
export interface NewChat {
  character_id?: string | null
  group_id?: string | null
  title?: string
  persona_id?: string | null
  /** Which greeting is shown first. */
  greeting?: number
}

export interface NewConnection {
  name: string
  kind: ProviderKind
  /** Empty means the provider's own address. */
  address?: string
  model?: string
  key?: string | null
  fallback_id?: string | null
  tokenizer?: 'o200k_base' | 'cl100k_base'
  context_tokens?: number | null
  text_format?: TextFormat
}

export interface NewEntry {
  /** Fields that are not the usual ones. A `uid` in it is passed over. */
  entry?: Record<string, unknown>
}

export interface NewGroup {
  name: string
  members?: AskedMember[]
  order?: GroupOrder
  cards?: GroupCards
  join_prefix?: string
  join_suffix?: string
  self_replies?: boolean
  auto_delay_seconds?: number
  favourite?: boolean
}

export interface NewInvitation {
  /** How long the code is good for. */
  days?: number
}

export interface NewPersona {
  name: string
  description?: string
}

export interface NewPreset {
  name: string
  samplers?: Samplers
  main_prompt?: string
  post_history?: string
  continue_nudge?: string
  impersonation_prompt?: string
}

/** An action of the user. `text` is what they say; a `reply` without it just asks the character to speak again. */
export interface NewTurn {
  kind?: GenerationKind
  branch_id?: string | null
  text?: string | null
  /** The message to swipe or continue; None means the branch's last. */
  message_id?: string | null
  /** The revision seen of that message. */
  revision?: number | null
  /** What a quiet generation asks for. */
  instruction?: string
  connection_id?: string | null
  /** Of a swipe: the generation whose request is sent once more, byte for byte, to the same connection and model. */
  repeats?: string | null
}

export interface NewUpload {
  filename: string
  size: number
  content_type: string
  purpose?: 'character' | 'chat'
  /** The character a chat belongs to. */
  character_id?: string | null
}

export interface NewWorld {
  name: string
}

/** An ID token from the issuer that the settings name, and the nonce the page asked it with. */
export interface OidcSignIn {
  id_token: string
  nonce: string
  invitation?: string | null
  locale?: 'en' | 'zh-CN'
  device?: string
}

export interface OpenQuery {
  branch_id?: string | null
}

/** A stretch of a list. `next` goes back as `cursor`; None means there is no more. */
export interface Page<T> {
  items: T[]
  next: string | null
}

/** Which stretch of a list is asked for. */
export interface PageQuery {
  cursor?: string | null
  limit?: number
}

export interface PasswordChange {
  current: string
  new: string
}

export interface Persona {
  id: string
  name: string
  description: string
  picture: Picture | null
  created_at: string
  updated_at: string
  revision: number
}

export interface PersonaChange {
  revision: number
  name?: string | null
  description?: string | null
}

/** Addresses of one picture in its sizes. They stay the same for a day, so that browsers cache them. */
export interface Picture {
  full: string
  thumb: string
  width: number
  height: number
  /** `#rrggbb` taken from the picture. */
  accent: string | null
}

/** Text `x` and reasoning `r` of the pieces `n[0]` to `n[1]`, counted from 1 in each epoch. */
export interface Piece {
  type: 'd'
  g: string
  n: [number, number]
  x?: string | null
  r?: string | null
}

export interface Ping {
  type: 'ping'
}

export type Place = 'before_main' | 'after_main' | 'in_chat' | 'nowhere'

export interface Pong {
  type: 'pong'
}

/** Samplers and the prompts around a chat. */
export interface Preset {
  id: string
  name: string
  samplers: Samplers
  main_prompt: string
  post_history: string
  continue_nudge: string
  impersonation_prompt: string
  created_at: string
  updated_at: string
  revision: number
}

export interface PresetChange {
  revision: number
  name?: string | null
  samplers?: Samplers | null
  main_prompt?: string | null
  post_history?: string | null
  continue_nudge?: string | null
  impersonation_prompt?: string | null
}

export interface PromptMessage {
  role: Role
  content: string
  /** Whose words they are, as services are told: `example_user` and `example_assistant` in example dialogues. */
  name: string | null
  /** Where it came from: main, description, history:<message id> … */
  source: string
  tokens: number
}

/** What the page needs to know of a kind of provider. */
export interface ProviderInfo {
  kind: ProviderKind
  title: string
  address: string
  needs_key: boolean
  local: boolean
  offered: boolean
}

export type ProviderKind = 'demo' | 'openai_chat' | 'openai_text' | 'koboldcpp' | 'llamacpp' | 'anthropic' | 'bedrock' | 'gemini'

/** Answers a frame that could not be obeyed. */
export interface Refused {
  type: 'error'
  code: string
  message: string
  /** Type of the frame it answers. */
  about?: string | null
}

/** How a reply came about. */
export interface ReplyFacts {
  generation_id: string
  model: string
  connection: string
  started_at: string | null
  finished_at: string | null
  first_token_ms: number | null
  finish_reason: FinishReason
  prompt_tokens: number
  reply_tokens: number
}

/** What became of one item. */
export interface ReportLine {
  name: string
  outcome: 'taken' | 'changed' | 'left_out'
  note: string
  /** The id of what it became. */
  id: string | null
  code: string | null
}

export interface ResetAsked {
  email: string
}

export interface ResetDone {
  token: string
  password: string
}

export interface ResetLink {
  url: string
  expires_at: string
}

/** Asks for the pieces after `after` of `epoch`. */
export interface Resume {
  type: 'resume'
  generation_id: string
  epoch: number
  after: number
}

export type Role = 'user' | 'moderator' | 'admin'

/** Sampler settings in the field's usual words. A misspelt one is refused, not forgotten. */
export interface Samplers {
  context_tokens?: number
  reply_tokens?: number
  temperature?: number | null
  top_p?: number | null
  top_k?: number | null
  min_p?: number | null
  top_a?: number | null
  typical_p?: number | null
  frequency_penalty?: number | null
  presence_penalty?: number | null
  repetition_penalty?: number | null
  seed?: number | null
  stop?: string[]
  reasoning_effort?: string | null
}

/** One signed-in device. */
export interface Session {
  id: string
  device: string
  created_at: string
  last_seen_at: string
  address: string
  current: boolean
}

export interface SignIn {
  email: string
  password: string
  device?: string
}

/** What the sign-in page may offer. */
export interface SignInOptions {
  sign_up: 'open' | 'invitation' | 'closed'
  oidc_issuer: string | null
  oidc_client_id: string | null
  /** Where the issuer signs people in; None while it does not answer. */
  oidc_authorization_url: string | null
  reset_by_mail: boolean
}

export interface SignUp {
  name: string
  email: string
  password: string
  invitation?: string | null
  locale?: 'en' | 'zh-CN'
}

/** The refresh token travels apart, in an HttpOnly cookie. */
export interface SignedIn {
  access_token: string
  expires_in_seconds: number
  account: Account
}

/** Everything up to piece `upto`, in parts numbered from 1: their texts are joined, the rest is repeated. */
export interface Snapshot {
  type: 'snapshot'
  generation_id: string
  g: string
  turn_id: string
  epoch: number
  chat_id: string
  branch_id: string
  message_id?: string | null
  kind: GenerationKind
  character_id: string
  status: GenerationStatus
  upto: number
  part: number
  parts: number
  text: string
  reasoning: string
}

export interface Span {
  segment: string
  /** Last position that belongs to the branch, counted from 0; -1 when it holds none yet. */
  upto: number
}

export interface Start {
  type: 'start'
  generation_id: string
  /** Handle of this attempt's `d` frames: three letters made from generation and epoch, the same on every socket. A `start` of a higher epoch makes what came under the lower one void. */
  g: string
  turn_id: string
  epoch: number
  chat_id: string
  branch_id: string
  message_id?: string | null
  kind: GenerationKind
  character_id: string
  place?: number | null
}

export interface Stop {
  type: 'stop'
  turn_id: string
}

export interface StoredEntry {
  /** Its number in the world, as in the file; never used twice. */
  uid: number
  /** In a light list without the fields that say what they say anyway, and with the beginning of `content`. */
  entry: Record<string, unknown>
  /** Characters of the whole content. */
  content_length: number
  revision: number
}

/** One alternative of a message. */
export interface Swipe {
  index: number
  text: string
  reasoning: string
  reply: ReplyFacts | null
  created_at: string
  extra: Record<string, unknown>
}

export interface SwipeChoice {
  revision: number
  index: number
}

export interface TagCount {
  tag: string
  count: number
}

/** Outcome of "test": the first words, or what is wrong. */
export interface TestResult {
  ok: boolean
  text: string
  first_token_ms: number | null
  code: string | null
  message: string | null
}

export type TextFormat = 'auto' | 'plain' | 'chatml' | 'llama3' | 'mistral' | 'gemma' | 'phi' | 'command_r' | 'alpaca' | 'vicuna'

export type Theme = 'system' | 'light' | 'dark'

/** A one-time pass for a socket. */
export interface Ticket {
  ticket: string
  url: string
  expires_in_seconds: number
}

export interface TokenUsage {
  prompt_tokens: number
  reply_tokens: number
  reasoning_tokens: number
}

export interface Turn {
  id: string
  chat_id: string
  branch_id: string
  kind: GenerationKind
  generation_ids: string[]
  created_at: string
}

/** Answer to a turn: the user's message as stored, and the generations that will answer. */
export interface TurnStarted {
  turn: Turn
  message: Message | null
  generations: Generation[]
}

export interface Unfollow {
  type: 'unfollow'
  chat_id: string
}

export type UpFrame = Hello | Follow | Unfollow | Resume | Stop | Ping

/** A form for a presigned POST: exactly this key, size and type. */
export interface Upload {
  id: string
  url: string
  fields: Record<string, string>
  expires_at: string
}

/** What was used today (UTC) and what is allowed. */
export interface Usage {
  day: string
  replies: number
  replies_allowed: number
  tokens: number
  tokens_allowed: number
  storage_bytes: number
  storage_allowed_bytes: number
}

/** What an admin may change of somebody. */
export interface UserChange {
  role?: Role | null
  banned?: boolean | null
}

export interface UserQuery {
  cursor?: string | null
  limit?: number
}

/** Names in `put` get these values, those in `drop` go, all others stay. */
export interface VariableChange {
  revision: number
  put?: Record<string, unknown>
  drop?: string[]
}

/** All variables of a chat, or of everywhere, by their names. */
export interface VariableSet {
  values: Record<string, unknown>
  /** 0: nothing was ever put down here; what a chat's file brought along may be there all the same. */
  revision: number
}

export interface Welcome {
  type: 'welcome'
  contract: number
  socket_id: string
}

export interface WorldChange {
  name: string
}

export interface WorldImportQuery {
  filename?: string
}

export interface WorldQuery {
  cursor?: string | null
  limit?: number
  trash?: boolean
}

export interface WorldSummary {
  id: string
  name: string
  entry_count: number
  created_at: string
  updated_at: string
  deleted_at: string | null
  /** Counts the changes of the world and of all its entries. */
  revision: number
}

/** Every REST door: what it takes and answers. */
export interface Operations {
  'GET /account': { query: void; body: void; answer: Account }
  'PATCH /account': { query: void; body: AccountChange; answer: Account }
  'POST /account/delete': { query: void; body: AccountDeletion; answer: void }
  'POST /account/export': { query: void; body: void; answer: Job }
  'POST /account/password': { query: void; body: PasswordChange; answer: void }
  'GET /account/sessions': { query: void; body: void; answer: Session[] }
  'DELETE /account/sessions/{session_id}': { query: void; body: void; answer: void }
  'GET /account/usage': { query: void; body: void; answer: Usage }
  'GET /admin/invitations': { query: UserQuery; body: void; answer: Page<Invitation> }
  'POST /admin/invitations': { query: void; body: NewInvitation; answer: Invitation }
  'GET /admin/users': { query: UserQuery; body: void; answer: Page<Account> }
  'PATCH /admin/users/{user_id}': { query: void; body: UserChange; answer: Account }
  'POST /admin/users/{user_id}/reset-link': { query: void; body: void; answer: ResetLink }
  'POST /auth/oidc': { query: void; body: OidcSignIn; answer: SignedIn }
  'GET /auth/options': { query: void; body: void; answer: SignInOptions }
  'POST /auth/password-reset': { query: void; body: ResetAsked; answer: void }
  'POST /auth/password-reset/confirm': { query: void; body: ResetDone; answer: void }
  'POST /auth/refresh': { query: void; body: void; answer: SignedIn }
  'POST /auth/sign-in': { query: void; body: SignIn; answer: SignedIn }
  'POST /auth/sign-out': { query: void; body: void; answer: void }
  'POST /auth/sign-up': { query: void; body: SignUp; answer: SignedIn }
  'GET /characters': { query: CharacterQuery; body: void; answer: Page<CharacterSummary> }
  'POST /characters': { query: void; body: NewCharacter; answer: Character }
  'POST /characters/import': { query: ImportQuery; body: Blob; answer: ImportedCharacter }
  'GET /characters/tags': { query: void; body: void; answer: TagCount[] }
  'DELETE /characters/{character_id}': { query: void; body: void; answer: void }
  'GET /characters/{character_id}': { query: void; body: void; answer: Character }
  'PATCH /characters/{character_id}': { query: void; body: CharacterChange; answer: Character }
  'PUT /characters/{character_id}/avatar': { query: void; body: Blob; answer: CharacterSummary }
  'POST /characters/{character_id}/export': { query: ExportQuery; body: void; answer: Download | Job }
  'DELETE /characters/{character_id}/forever': { query: void; body: void; answer: void }
  'POST /characters/{character_id}/restore': { query: void; body: void; answer: CharacterSummary }
  'GET /chats': { query: ChatQuery; body: void; answer: Page<ChatSummary> }
  'POST /chats': { query: void; body: NewChat; answer: Chat }
  'POST /chats/import': { query: ChatImportQuery; body: Blob; answer: Chat }
  'DELETE /chats/{chat_id}': { query: void; body: void; answer: void }
  'GET /chats/{chat_id}': { query: OpenQuery; body: void; answer: ChatOpened }
  'PATCH /chats/{chat_id}': { query: void; body: ChatChange; answer: Chat }
  'GET /chats/{chat_id}/branches': { query: void; body: void; answer: Branch[] }
  'POST /chats/{chat_id}/branches': { query: void; body: NewBranch; answer: Branch }
  'DELETE /chats/{chat_id}/branches/{branch_id}': { query: void; body: void; answer: void }
  'PATCH /chats/{chat_id}/branches/{branch_id}': { query: void; body: BranchChange; answer: Branch }
  'POST /chats/{chat_id}/export': { query: ChatExportQuery; body: void; answer: Download }
  'DELETE /chats/{chat_id}/forever': { query: void; body: void; answer: void }
  'GET /chats/{chat_id}/messages': { query: MessageQuery; body: void; answer: MessagePage }
  'DELETE /chats/{chat_id}/messages/{message_id}': { query: DeleteQuery; body: void; answer: void }
  'PATCH /chats/{chat_id}/messages/{message_id}': { query: void; body: MessageChange; answer: Message }
  'POST /chats/{chat_id}/messages/{message_id}/restore': { query: void; body: void; answer: Message }
  'PUT /chats/{chat_id}/messages/{message_id}/swipe': { query: void; body: SwipeChoice; answer: Message }
  'GET /chats/{chat_id}/messages/{message_id}/swipes': { query: void; body: void; answer: Swipe[] }
  'POST /chats/{chat_id}/preview': { query: void; body: NewTurn; answer: Explanation }
  'POST /chats/{chat_id}/restore': { query: void; body: void; answer: Chat }
  'POST /chats/{chat_id}/turns': { query: void; body: NewTurn; answer: TurnStarted }
  'GET /chats/{chat_id}/variables': { query: void; body: void; answer: VariableSet }
  'PATCH /chats/{chat_id}/variables': { query: void; body: VariableChange; answer: VariableSet }
  'GET /connections': { query: void; body: void; answer: Connection[] }
  'POST /connections': { query: void; body: NewConnection; answer: Connection }
  'GET /connections/nearby': { query: void; body: void; answer: NearbyServer[] }
  'GET /connections/providers': { query: void; body: void; answer: ProviderInfo[] }
  'DELETE /connections/{connection_id}': { query: void; body: void; answer: void }
  'GET /connections/{connection_id}': { query: void; body: void; answer: Connection }
  'PATCH /connections/{connection_id}': { query: void; body: ConnectionChange; answer: Connection }
  'GET /connections/{connection_id}/models': { query: void; body: void; answer: ModelInfo[] }
  'POST /connections/{connection_id}/test': { query: void; body: void; answer: TestResult }
  'GET /generations/{generation_id}': { query: void; body: void; answer: Generation }
  'GET /generations/{generation_id}/events': { query: void; body: void; answer: void }
  'GET /generations/{generation_id}/manifest': { query: void; body: void; answer: Explanation }
  'GET /generations/{generation_id}/request': { query: void; body: void; answer: void }
  'GET /groups': { query: PageQuery; body: void; answer: Page<Group> }
  'POST /groups': { query: void; body: NewGroup; answer: Group }
  'POST /groups/import': { query: void; body: Blob; answer: Group }
  'DELETE /groups/{group_id}': { query: void; body: void; answer: void }
  'GET /groups/{group_id}': { query: void; body: void; answer: Group }
  'PATCH /groups/{group_id}': { query: void; body: GroupChange; answer: Group }
  'PUT /groups/{group_id}/avatar': { query: void; body: Blob; answer: Group }
  'POST /groups/{group_id}/export': { query: void; body: void; answer: Download }
  'GET /jobs': { query: void; body: void; answer: Job[] }
  'GET /jobs/{job_id}': { query: void; body: void; answer: Job }
  'GET /personas': { query: PageQuery; body: void; answer: Page<Persona> }
  'POST /personas': { query: void; body: NewPersona; answer: Persona }
  'DELETE /personas/{persona_id}': { query: void; body: void; answer: void }
  'GET /personas/{persona_id}': { query: void; body: void; answer: Persona }
  'PATCH /personas/{persona_id}': { query: void; body: PersonaChange; answer: Persona }
  'PUT /personas/{persona_id}/avatar': { query: void; body: Blob; answer: Persona }
  'GET /presets': { query: PageQuery; body: void; answer: Page<Preset> }
  'POST /presets': { query: void; body: NewPreset; answer: Preset }
  'DELETE /presets/{preset_id}': { query: void; body: void; answer: void }
  'GET /presets/{preset_id}': { query: void; body: void; answer: Preset }
  'PATCH /presets/{preset_id}': { query: void; body: PresetChange; answer: Preset }
  'POST /socket-tickets': { query: void; body: void; answer: Ticket }
  'POST /turns/{turn_id}/stop': { query: void; body: void; answer: void }
  'POST /uploads': { query: void; body: NewUpload; answer: Upload }
  'POST /uploads/{upload_id}/finish': { query: void; body: void; answer: Job }
  'GET /variables': { query: void; body: void; answer: VariableSet }
  'PATCH /variables': { query: void; body: VariableChange; answer: VariableSet }
  'GET /worlds': { query: WorldQuery; body: void; answer: Page<WorldSummary> }
  'POST /worlds': { query: void; body: NewWorld; answer: WorldSummary }
  'POST /worlds/import': { query: WorldImportQuery; body: Blob; answer: ImportedWorld }
  'DELETE /worlds/{world_id}': { query: void; body: void; answer: void }
  'GET /worlds/{world_id}': { query: void; body: void; answer: WorldSummary }
  'PATCH /worlds/{world_id}': { query: void; body: WorldChange; answer: WorldSummary }
  'POST /worlds/{world_id}/copy': { query: void; body: NewWorld; answer: WorldSummary }
  'GET /worlds/{world_id}/entries': { query: EntryQuery; body: void; answer: Page<StoredEntry> }
  'POST /worlds/{world_id}/entries': { query: void; body: NewEntry; answer: StoredEntry }
  'POST /worlds/{world_id}/entries/bulk': { query: void; body: BulkChange; answer: BulkChanged }
  'DELETE /worlds/{world_id}/entries/{entry_id}': { query: void; body: void; answer: void }
  'GET /worlds/{world_id}/entries/{entry_id}': { query: void; body: void; answer: StoredEntry }
  'PATCH /worlds/{world_id}/entries/{entry_id}': { query: void; body: EntryChange; answer: StoredEntry }
  'POST /worlds/{world_id}/export': { query: void; body: void; answer: Download }
  'DELETE /worlds/{world_id}/forever': { query: void; body: void; answer: void }
  'POST /worlds/{world_id}/restore': { query: void; body: void; answer: WorldSummary }
}

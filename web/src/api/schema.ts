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

/** A file in a chat that is no picture we can show: a video, a sound, a text. */
export interface AttachedFile {
  name: string
  bytes: number
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
  /** More requests of the same deed follow: what replies read is packed anew after the last, not after each. */
  more?: boolean
}

/** What was done: the entries with their revisions now, and the world. */
export interface BulkChanged {
  changed: EntryRevision[]
  world: WorldSummary
}

/** The characters and presets to whose scripts a person has said yes or no. */
export interface CameList {
  items: ScriptsOf[]
}

/** One of the scripts of a card or a preset, as its owner wants it. */
export interface CameScript {
  /** Of the script that it was, in the list that was seen; None: it is a new one. */
  place?: number | null
  /** None: it stays as it is. */
  script?: NewScript | null
}

/** All scripts of a card or a preset, in the order they shall run. Those that are not named go. */
export interface CameScriptsChange {
  /** Of the scripts that were seen. */
  digest: string
  items: CameScript[]
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
  /** Whose samplers a model that completes text is asked with; None: those of `preset_id`. */
  text_preset_id: string | null
  persona_id: string | null
  instruct_id: string | null
  context_id: string | null
  system_prompt_id: string | null
  reasoning_id: string | null
  /** In how many replies, the newest first, the model is shown what it thought. */
  thoughts_sent: number
  /** Whether macros are read as SillyTavern did before 1.19. */
  legacy_macros: boolean
  /** Worlds that are there in every chat, in their order. */
  world_ids: string[]
  world_settings: WorldSettings
  /** Whether a character, a chat or a persona ever got worlds: only then a reply looks for such links. */
  worlds_linked: boolean
  /** Words every reply begins with. */
  start_reply_with: string
  /** Whether those words are shown. */
  show_reply_start: boolean
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
  text_preset_id?: string | null
  persona_id?: string | null
  instruct_id?: string | null
  context_id?: string | null
  system_prompt_id?: string | null
  reasoning_id?: string | null
  thoughts_sent?: number | null
  start_reply_with?: string | null
  show_reply_start?: boolean | null
  legacy_macros?: boolean | null
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
  sees: Sight
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
  sees?: Sight | null
}

export interface ContextTemplate {
  name: string
  story_string: string
  chat_start: string
  example_separator: string
  /** Whether the two above end a reply. */
  use_stops: boolean
  names_as_stops: boolean
  place: 'in_prompt' | 'in_chat' | 'before_prompt'
  depth: number
  role: MessageRole
  /** Whether the character's name stands at the end, where no instruct template is used. */
  force_name: boolean
  /** Whether replies are cut at the end of their last whole sentence. */
  trim_sentences: boolean
  single_line: boolean
  original: Record<string, unknown>
}

/** The author's note that new chats begin with. */
export interface DefaultNote {
  text: string
  interval: number
  place: Place
  depth: number
  role: MessageRole
  scanned: boolean
  /** 0: nobody has written it yet. */
  revision: number
}

/** Fields left out stay. */
export interface DefaultNoteChange {
  revision: number
  text?: string | null
  interval?: number | null
  place?: Place | null
  depth?: number | null
  role?: MessageRole | null
  scanned?: boolean | null
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
  /** Who speaks next in a group. */
  next?: Next | null
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

/** Templates that shall stand in one file, at most one of each kind. */
export interface ExportAsked {
  ids: string[]
}

export interface ExportQuery {
  format?: 'png' | 'json' | 'charx'
}

/** A file as SillyTavern reads it. */
export interface ExportedFile {
  filename: string
  file: Record<string, unknown>
}

/** One such address. */
export interface FileQuery {
  place: string
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

/** Messages, the newest first. `next` goes back as `cursor`; None means there is no more. */
export interface Found {
  items: FoundMessage[]
  next: string | null
  index: SearchIndex
}

/** A chat by its title. */
export interface FoundChat {
  id: string
  title: string
  character_id: string
}

export interface FoundFile {
  path: string
  size: number
}

export interface FoundMessage {
  chat_id: string
  chat_title: string
  /** The chat's character. */
  character_id: string
  /** A branch that leads through the message: the one the chat opens with, where it does. */
  branch_id: string
  message_id: string
  role: MessageRole
  name: string
  created_at: string
  snippet: string
  /** Where the words stand in `snippet`: begin and end, counted in characters (code points). */
  matches: [number, number][]
}

/** Where the pattern was found, in characters. */
export interface FoundPlace {
  start: number
  end: number
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
  /** The group goes on by itself, and only then; until it is queued for that moment. */
  waits_until: string | null
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

/** What became of a preset file. */
export interface ImportedPreset {
  line: ReportLine
  preset: Preset | null
}

export interface ImportedWorld {
  line: ReportLine
  world: WorldSummary
}

export type IndexState = 'building' | 'ready'

/** Sequences around turns, for models that were trained with them. {{name}} in one is who speaks. */
export interface Instruct {
  enabled: boolean
  name: string
  input_sequence: string
  output_sequence: string
  system_sequence: string
  input_suffix: string
  output_suffix: string
  system_suffix: string
  first_input_sequence: string
  first_output_sequence: string
  last_input_sequence: string
  last_output_sequence: string
  last_system_sequence: string
  story_string_prefix: string
  story_string_suffix: string
  stop_sequence: string
  /** Whether sequences stand on lines of their own. */
  wrap: boolean
  /** Whether macros in sequences are resolved. */
  macro: boolean
  /** `force` names speakers in groups, and who speaks under another's name. */
  names: 'none' | 'force' | 'always'
  /** A pattern: models whose name it matches use this template. */
  activation: string
  skip_examples: boolean
  /** What the user says where a chat does not begin with the user. */
  user_alignment: string
  system_same_as_user: boolean
  sequences_as_stops: boolean
  original: Record<string, unknown>
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

export type JobKind = 'import_file' | 'export_account' | 'export_folder' | 'delete_account' | 'export_character' | 'move_in'

export interface KindFound {
  kind: MoveKind
  count: number
  bytes: number
  /** False where the count shows only while it is read. */
  told: boolean
}

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
  /** Messages, about, that found no room; only the newest of them is in `left_out`. */
  older: number
  /** Entries of worlds none of whose keys was said, where there are too many to list them in `left_out`. */
  silent: number
  /** Names of the worlds in play. */
  worlds: string[]
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

export interface Move {
  id: string
  /** Of the folder or archive. */
  name: string
  status: MoveStatus
  /** What was asked for. */
  kinds: MoveKind[]
  /** Bytes of the archive; 0 where the command line reads a folder itself. */
  size: number
  done: number
  total: number | null
  counts: Record<MoveKind, Tally>
  /** Whether something was left out that could be taken all the same, and still can. */
  again: boolean
  error: string | null
  code: string | null
  job_id: string | null
  created_at: string
  updated_at: string
}

export type MoveKind = 'worlds' | 'presets' | 'templates' | 'scripts' | 'quick_replies' | 'characters' | 'personas' | 'tags' | 'groups' | 'chats' | 'preferences' | 'themes' | 'backgrounds' | 'pictures' | 'secrets' | 'files' | 'others'

/** What became of one item. */
export interface MoveLine {
  position: number
  kind: MoveKind
  name: string
  outcome: MoveOutcome
  /** Why, as a word that the page knows a sentence for; `values` fill it. */
  reason: string
  values: Record<string, string>
  /** The same in English, and what else is to be told. */
  note: string
  /** Of the error, where one was the reason. */
  code: string | null
  /** Of what it became, or of what is here already. */
  id: string | null
  /** Whether it can be taken all the same. */
  again: boolean
}

/** What would be taken. */
export interface MoveLook {
  kinds: KindFound[]
  /** For each file that was named, the place of its kind in `kinds`; -1 for those that are never read. */
  files: number[]
}

export type MoveOutcome = 'left_out' | 'changed' | 'taken'

export interface MoveQuery {
  outcome?: MoveOutcome | null
  kind?: MoveKind | null
  cursor?: string | null
  limit?: number
}

export type MoveStatus = 'uploading' | 'running' | 'stopped' | 'done' | 'failed'

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
  /** The branch it is made on, whose variables it begins with; None: one that leads through the message. */
  branch_id?: string | null
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
  sees?: Sight
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

/** The names inside a folder or archive, before anything is sent. */
export interface NewLook {
  files: FoundFile[]
}

export interface NewMove {
  name: string
  size: number
  kinds: MoveKind[]
}

export interface NewPersona {
  name: string
  title?: string
  description?: string
  place?: PersonaPlace
  depth?: number
  role?: MessageRole
}

export interface NewPreset {
  name: string
  samplers?: Samplers
  main_prompt?: string
  post_history?: string
  continue_nudge?: string
  impersonation_prompt?: string
}

export interface NewQuickSet {
  name: string
  replies?: QuickReply[]
  only_insert?: boolean
  before_input?: boolean
  with_input?: boolean
  shown?: boolean
}

export interface NewScript {
  name: string
  find?: string
  replace?: string
  trim?: string[]
  places?: ScriptPlace[]
  disabled?: boolean
  display_only?: boolean
  prompt_only?: boolean
  on_edit?: boolean
  macros?: 'none' | 'raw' | 'escaped'
  depth_least?: number | null
  depth_most?: number | null
}

export interface NewSlices {
  numbers: number[]
}

/** The one of the four that is given says what kind it is. What is left out of it has our default. */
export interface NewTemplate {
  name: string
  instruct?: Instruct | null
  context?: ContextTemplate | null
  system?: SystemPrompt | null
  reasoning?: ReasoningTemplate | null
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
  /** In a group: who shall speak, whoever's turn it is. */
  character_id?: string | null
}

export interface NewUpload {
  filename: string
  size: number
  content_type: string
  purpose?: 'character' | 'chat' | 'world'
  /** The character a chat belongs to. */
  character_id?: string | null
  /** Or the group: one of the two. */
  group_id?: string | null
}

export interface NewWorld {
  name: string
}

/** The reply of a group that begins as another one has ended, in the same turn. */
export interface Next {
  generation_id: string
  message_id?: string | null
  character_id: string
  /** When it begins; None means now. */
  waits_until?: string | null
}

export type NoteMerge = 'replace' | 'before' | 'after'

/** A note that stands in all chats in which the character speaks: in the chat's place, or above or below it. */
export interface NoteOfCharacter {
  text: string
  merge: NoteMerge
  enabled: boolean
  revision: number
}

/** Fields left out stay. */
export interface NoteOfCharacterChange {
  revision: number
  text?: string | null
  merge?: NoteMerge | null
  enabled?: boolean | null
}

/** An ID token from the issuer that the settings name, and the nonce the page asked it with. */
export interface OidcSignIn {
  id_token: string
  nonce: string
  invitation?: string | null
  locale?: 'en' | 'zh-CN'
  device?: string
}

/** A preset with its file: SillyTavern's JSON as it came, with what was changed since. Empty for a plain one. */
export interface OpenPreset {
  id: string
  name: string
  kind: PresetKind
  /** Whether it was a plain preset before it was opened in full, and can be one again. */
  folds: boolean
  /** How many regex scripts its file brings along. None of them runs unasked. */
  scripts: number
  /** Of a plain preset; one with a file has its own. */
  samplers: Samplers
  main_prompt: string
  post_history: string
  continue_nudge: string
  impersonation_prompt: string
  created_at: string
  updated_at: string
  revision: number
  file: Record<string, unknown>
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

export interface PermissionAsked {
  /** Of the scripts that the person has seen. */
  digest: string
  allowed: boolean
}

export interface Persona {
  id: string
  name: string
  /** What tells personas of one name apart; no model sees it. */
  title: string
  description: string
  /** Where the description stands in the prompt. */
  place: PersonaPlace
  depth: number
  role: MessageRole
  picture: Picture | null
  created_at: string
  updated_at: string
  revision: number
}

export interface PersonaChange {
  revision: number
  name?: string | null
  title?: string | null
  description?: string | null
  place?: PersonaPlace | null
  depth?: number | null
  role?: MessageRole | null
}

/** Who the person is in all chats with a character or a group, save those that say otherwise. */
export interface PersonaLock {
  /** Of the character or the group. */
  target_id: string
  /** None takes the lock away. */
  persona_id: string | null
}

/** Ids of personas by the ids of the characters and groups they are locked to. */
export interface PersonaLocks {
  locks: Record<string, string>
}

export type PersonaPlace = 'in_prompt' | 'top_of_note' | 'bottom_of_note' | 'in_chat' | 'nowhere'

/** Addresses of one picture in its sizes. They stay the same for a day, so that browsers cache them. */
export interface Picture {
  full: string
  thumb: string
  width: number
  height: number
  /** `#rrggbb` taken from the picture. */
  accent: string | null
}

export type PictureDetail = 'auto' | 'low' | 'high'

/** Addresses as messages of SillyTavern's chats have them: `/user/images/Name/one.png`. */
export interface PictureQuery {
  places: string[]
}

/** What there is at each of the places, in their order. */
export interface PicturesFound {
  pictures: (Picture | null)[]
  /** What is no picture: it can be fetched, and is never shown. */
  files: (AttachedFile | null)[]
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

/** Samplers and the prompts around a chat, as lists show them: without the file. */
export interface Preset {
  id: string
  name: string
  kind: PresetKind
  /** Whether it was a plain preset before it was opened in full, and can be one again. */
  folds: boolean
  /** How many regex scripts its file brings along. None of them runs unasked. */
  scripts: number
  /** Of a plain preset; one with a file has its own. */
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
  /** `chat` opens a plain preset in full, `plain` folds it back to what it was before. */
  kind?: 'plain' | 'chat' | null
  samplers?: Samplers | null
  main_prompt?: string | null
  post_history?: string | null
  continue_nudge?: string | null
  impersonation_prompt?: string | null
  /** Fields of the file to be set; the others stay as they are. */
  fields?: Record<string, unknown> | null
  /** Fields of the file to be taken away. */
  without?: string[] | null
}

export interface PresetCopy {
  name: string
}

export interface PresetDownload {
  url: string
  filename: string
  expires_at: string
  /** Fields that were left out because they would set where a connection leads. */
  dropped: string[]
}

export interface PresetImportQuery {
  filename?: string
  /** What becomes of a file where a preset of its kind and name is there already: nothing but being told so (`duplicate` when they say the same, `same_name` when not), a second one, or the one that is there says what the file says. */
  there?: 'tell' | 'add' | 'replace'
}

export type PresetKind = 'plain' | 'chat' | 'text'

/** How the chat comes out, and what ends a reply. */
export interface Preview {
  text: string
  stops: string[]
}

/** Templates, also such as nobody has saved yet, and a short chat. */
export interface PreviewAsked {
  instruct?: Instruct | null
  context?: ContextTemplate | null
  system?: SystemPrompt | null
  reasoning?: ReasoningTemplate | null
  character?: string
  description?: string
  scenario?: string
  examples?: string
  user?: string
  persona?: string
  lines: SampleLine[]
}

export interface PromptMessage {
  role: MessageRole
  content: string
  /** Whose words they are, as services are told: `example_user` and `example_assistant` in example dialogues. */
  name: string | null
  /** Where it came from: main, description, history:<message id> … */
  source: string
  tokens: number
  /** In the order of their places in the content. */
  pictures: PromptPicture[]
}

/** A picture beside the words of a message. */
export interface PromptPicture {
  /** What the message calls it. */
  place: string
  media_type: string
  width: number
  height: number
  bytes: number
  /** Before which letter of the message it stands. */
  at: number
  /** How closely the model is to look. */
  detail: PictureDetail
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

/** One button. */
export interface QuickReply {
  /** Names it within its set; 0 or a number nobody has: a new one. */
  id: number
  label: string
  /** What a tooltip says. */
  title: string
  message: string
  icon: string
  hidden: boolean
  /** Its text is commands of SillyTavern's, which are not run here: the text is put into the composer instead. */
  is_script: boolean
  /** It would run by itself in SillyTavern. Here only a click runs it. */
  by_itself: boolean
}

/** A set as its owner sees it. It is read from the file it came in, which is kept whole. */
export interface QuickSet {
  name: string
  replies: QuickReply[]
  /** Its buttons put their text into the composer and send nothing. */
  only_insert: boolean
  /** Their text stands before what is typed already, else after it. */
  before_input: boolean
  /** What is typed already goes along; else it stands where the text says {{input}}. */
  with_input: boolean
  id: string
  /** Whether its buttons stand above the composer. */
  shown: boolean
  /** Whether its buttons may run. None: it came in a file and nobody has been asked yet. */
  allowed: boolean | null
  created_at: string
  updated_at: string
  revision: number
}

/** Fields that are left out stay. */
export interface QuickSetChange {
  revision: number
  name?: string | null
  replies?: QuickReply[] | null
  only_insert?: boolean | null
  before_input?: boolean | null
  with_input?: boolean | null
  shown?: boolean | null
  allowed?: boolean | null
}

export interface QuickSetExport {
  filename: string
  file: Record<string, unknown>
}

/** A file of SillyTavern's. */
export interface QuickSetFile {
  /** What the file was called, for one that does not say. */
  name?: string
  file: Record<string, unknown>
  shown?: boolean
}

/** What stands around thoughts, in replies and in prompts. */
export interface ReasoningTemplate {
  name: string
  prefix: string
  suffix: string
  separator: string
  original: Record<string, unknown>
}

/** Answers a frame that could not be obeyed. */
export interface Refused {
  type: 'error'
  code: string
  message: string
  /** Type of the frame it answers. */
  about?: string | null
  /** Frames came too fast: send none before, then ask again for what has no answer. */
  retry_after_seconds?: number | null
}

export interface RegexScript {
  id: string
  name: string
  /** `/pattern/flags` or a bare pattern, in JavaScript's syntax. */
  find: string
  replace: string
  trim: string[]
  places: ScriptPlace[]
  disabled: boolean
  display_only: boolean
  /** Neither of the two: it changes the text that is stored. */
  prompt_only: boolean
  on_edit: boolean
  /** Whether and how macros in `find` are resolved. */
  macros: 'none' | 'raw' | 'escaped'
  depth_least: number | null
  depth_most: number | null
  source: 'global' | 'preset' | 'character'
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

/** What comes back with a message. */
export interface RestoreQuery {
  /** Of all that branches lost with it and below it: what this one did. */
  branch_id?: string | null
}

/** Asks for the pieces after `after` of `epoch`. */
export interface Resume {
  type: 'resume'
  generation_id: string
  epoch: number
  after: number
}

export type Role = 'user' | 'moderator' | 'admin'

export interface SampleLine {
  role: MessageRole
  name?: string
  text: string
}

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

/** A script that its owner keeps for all chats. */
export interface Script {
  id: string
  name: string
  /** `/pattern/flags` or a bare pattern, in JavaScript's syntax. */
  find: string
  replace: string
  trim: string[]
  places: ScriptPlace[]
  disabled: boolean
  display_only: boolean
  /** Neither of the two: it changes the text that is stored. */
  prompt_only: boolean
  on_edit: boolean
  /** Whether and how macros in `find` are resolved. */
  macros: 'none' | 'raw' | 'escaped'
  depth_least: number | null
  depth_most: number | null
  source: 'global' | 'preset' | 'character'
  revision: number
}

/** Fields that are left out stay; a depth given as null is none. */
export interface ScriptChange {
  revision: number
  name?: string | null
  find?: string | null
  replace?: string | null
  trim?: string[] | null
  places?: ScriptPlace[] | null
  disabled?: boolean | null
  display_only?: boolean | null
  prompt_only?: boolean | null
  on_edit?: boolean | null
  macros?: 'none' | 'raw' | 'escaped' | null
  depth_least?: number | null
  depth_most?: number | null
}

/** Scripts as SillyTavern's files have them. */
export interface ScriptFiles {
  files: Record<string, unknown>[]
}

/** All scripts for all chats, in the order they run. */
export interface ScriptList {
  items: Script[]
}

/** The ids of all scripts in the order they shall run. Those that are not named come last, as they were. */
export interface ScriptOrder {
  ids: string[]
}

export type ScriptPlace = 'user_input' | 'reply' | 'slash_command' | 'world' | 'reasoning'

export interface ScriptTried {
  text: string
  found: FoundPlace[]
  /** A sentence that says why it could not run; empty when it did. */
  refused: string
}

/** A script, also one that nobody has saved yet, and a text to try it on. */
export interface ScriptTry {
  script: NewScript
  text: string
  /** Whose names macros stand for. */
  character_id?: string | null
}

export interface ScriptsAsked {
  ids: string[]
}

/** Scripts as SillyTavern reads them. */
export interface ScriptsFile {
  filename: string
  files: Record<string, unknown>[]
}

/** What the page needs to know of scripts in a chat. */
export interface ScriptsInChat {
  /** Those that change what is shown and nothing else, in the order they run. */
  display: RegexScript[]
  /** Scripts that wait for the person's word. */
  asks: ScriptsOf[]
}

/** The scripts that came with a card or a preset, and whether they may run. */
export interface ScriptsOf {
  source: Source
  /** Of the character or preset. */
  id: string
  name: string
  items: RegexScript[]
  digest: string
  /** None: nobody has been asked yet, and so they do not run. */
  allowed: boolean | null
}

/** How far the index is. While it is being built, only a part of what was ever said is found. */
export interface SearchIndex {
  state: IndexState
  done: number
  /** Messages. */
  total: number
}

export interface SearchQuery {
  /** Words that a message must hold, all of them; what stands in quotation marks is found as it stands. */
  q: string
  chat_id?: string | null
  /** Messages of this character, and what was said in its chats. */
  character_id?: string | null
  since?: string | null
  /** Messages said before this moment. */
  until?: string | null
  cursor?: string | null
  limit?: number
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

export type Sight = 'auto' | 'yes' | 'no'

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

/** How far an upload has come. */
export interface SlicesThere {
  slice_bytes: number
  count: number
  there: number[]
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

export type Source = 'preset' | 'character'

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
  /** In a light list without the fields that say what they say anyway, and with the beginning of `content`. There `selective`, `position`, `probability` and `useProbability` are null where the entry leaves them out: that means something else than their usual value. */
  entry: Record<string, unknown>
  /** Characters of the whole content. */
  content_length: number
  revision: number
}

export type Strategy = 'evenly' | 'character_first' | 'global_first'

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

export interface SystemPrompt {
  enabled: boolean
  name: string
  text: string
  post_history: string
  original: Record<string, unknown>
}

export interface TagCount {
  tag: string
  count: number
}

/** Items that were left out because they are here already in another state. */
export interface TakeAgain {
  positions: number[]
}

export interface TakenScripts {
  items: Script[]
  /** How many of the files were no scripts. */
  left: number
}

/** What a file held. */
export interface TakenTemplates {
  items: Template[]
  /** Parts that are no templates, by their names in the file. */
  left: string[]
}

/** How many items of a kind there are, and what became of those that are done. */
export interface Tally {
  total: number
  taken: number
  changed: number
  left_out: number
}

/** A template under a name. Its values are read from the file it came in, which is kept whole. */
export interface Template {
  instruct: Instruct | null
  context: ContextTemplate | null
  system: SystemPrompt | null
  reasoning: ReasoningTemplate | null
  id: string
  kind: TemplateKind
  name: string
  created_at: string
  updated_at: string
  revision: number
}

/** Fields that are left out, also of the template itself, stay. */
export interface TemplateChange {
  revision: number
  name?: string | null
  instruct?: Instruct | null
  context?: ContextTemplate | null
  system?: SystemPrompt | null
  reasoning?: ReasoningTemplate | null
}

/** A file of SillyTavern's: one template, or the export of several together. */
export interface TemplateFile {
  /** What the file was called: for files that do not say what they are called. */
  name?: string
  file: Record<string, unknown>
  /** Which kind it is, where one knows it from the folder the file lay in. */
  kind?: TemplateKind | null
}

export type TemplateKind = 'instruct' | 'context' | 'system' | 'reasoning'

export interface TemplateQuery {
  cursor?: string | null
  limit?: number
  kind?: TemplateKind | null
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

export interface TextsToCount {
  texts: string[]
  tokenizer?: 'o200k_base' | 'cl100k_base'
}

export type Theme = 'system' | 'light' | 'dark'

/** A one-time pass for a socket. */
export interface Ticket {
  ticket: string
  url: string
  expires_in_seconds: number
}

export interface TitleQuery {
  q: string
}

export interface TokenCounts {
  /** In the order of the texts; macros are not resolved. */
  tokens: number[]
}

export interface TokenUsage {
  prompt_tokens: number
  reply_tokens: number
  reasoning_tokens: number
}

export interface TriedEntry {
  source: 'global' | 'character' | 'chat' | 'persona'
  /** A character's id stands for the book inside its card. */
  world_id: string
  world: string
  uid: number
  title: string
  wakes: boolean
  /** As in a manifest: `key`, `constant`, `sticky`, or `no_key`, `secondary`, `chance`, `budget` … */
  reason: string
  /** The key that was found, the group that was lost … */
  detail: string
  /** Of one that wakes. */
  tokens: number
}

export interface Turn {
  id: string
  chat_id: string
  branch_id: string
  kind: GenerationKind
  /** In the order of their beginnings; in a group the next one begins when one has ended. */
  generation_ids: string[]
  /** Ids of the characters that are to speak after that, in their order. */
  speakers: string[]
  stopped: boolean
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

/** Whose variables of a chat: a branch's, without one those of the branch the chat opens with. */
export interface VariableQuery {
  branch_id?: string | null
}

/** All variables of a branch, or of everywhere, by their names. */
export interface VariableSet {
  values: Record<string, unknown>
  /** 0: nothing was ever put down here; what the chat had before, or its file said, may be there all the same. */
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

/** A world of a chat, and why it is there. */
export interface WorldInPlay {
  source: 'global' | 'character' | 'chat' | 'persona'
  /** None: the book inside the character's card. */
  world_id: string | null
  name: string
  entry_count: number
  /** Whose it is, of a character's. In a group it counts while that member speaks. */
  character_id: string | null
  /** In a group the member's name. */
  character_name: string
}

/** Which worlds belong to a thing, in their order. A character's first is the one that travels with its card. */
export interface WorldLinks {
  world_ids: string[]
}

export interface WorldLinksChange {
  world_ids: string[]
}

export interface WorldQuery {
  cursor?: string | null
  limit?: number
  trash?: boolean
}

/** How worlds are scanned. */
export interface WorldSettings {
  depth: number
  min_activations: number
  min_activations_depth: number
  budget_percent: number
  budget_cap: number
  include_names: boolean
  recursive: boolean
  case_sensitive: boolean
  whole_words: boolean
  group_scoring: boolean
  strategy: Strategy
  recursion_most: number
}

/** Fields that are not sent stay. docs/prompting-lore.md says what they do. */
export interface WorldSettingsChange {
  depth?: number | null
  min_activations?: number | null
  min_activations_depth?: number | null
  budget_percent?: number | null
  budget_cap?: number | null
  include_names?: boolean | null
  recursive?: boolean | null
  case_sensitive?: boolean | null
  whole_words?: boolean | null
  group_scoring?: boolean | null
  strategy?: Strategy | null
  recursion_most?: number | null
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

/** Which entries would wake now. Nothing is sent and nothing is kept. */
export interface WorldTrial {
  /** None: only `text` is looked at, as a message alone. */
  chat_id?: string | null
  branch_id?: string | null
  /** In a group: who is to speak; None: the first who can. */
  character_id?: string | null
  /** What the person says next. */
  text?: string
  /** These worlds, with every entry listed; none: all that are in play, and of them what was looked at. */
  world_ids?: string[]
}

export interface WorldTried {
  /** Those that wake first, in the order they woke; then the others in the order they are tried. */
  entries: TriedEntry[]
  /** Entries that are not listed: none of their keys was said. */
  silent: number
  tokens: number
  /** Tokens entries may have together. */
  budget: number
  /** Whether one found no room. */
  overflowed: boolean
}

/** A character, a chat or a persona that has worlds. */
export interface WorldUse {
  world_ids: string[]
  thing_id: string
}

/** A chat's own worlds, and all that count in it. */
export interface WorldsOfChat {
  world_ids: string[]
  in_play: WorldInPlay[]
}

/** Every REST door: what it takes and answers. */
export interface Operations {
  'GET /account': { query: void; body: void; answer: Account }
  'PATCH /account': { query: void; body: AccountChange; answer: Account }
  'POST /account/delete': { query: void; body: AccountDeletion; answer: void }
  'POST /account/export': { query: void; body: void; answer: Job }
  'POST /account/export-folder': { query: void; body: void; answer: Job }
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
  'POST /characters/{character_id}/book/world': { query: void; body: void; answer: WorldSummary }
  'POST /characters/{character_id}/export': { query: ExportQuery; body: void; answer: Download | Job }
  'DELETE /characters/{character_id}/forever': { query: void; body: void; answer: void }
  'GET /characters/{character_id}/note': { query: void; body: void; answer: NoteOfCharacter }
  'PATCH /characters/{character_id}/note': { query: void; body: NoteOfCharacterChange; answer: NoteOfCharacter }
  'POST /characters/{character_id}/restore': { query: void; body: void; answer: CharacterSummary }
  'GET /characters/{character_id}/worlds': { query: void; body: void; answer: WorldLinks }
  'PUT /characters/{character_id}/worlds': { query: void; body: WorldLinksChange; answer: WorldLinks }
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
  'POST /chats/{chat_id}/messages/{message_id}/restore': { query: RestoreQuery; body: void; answer: Message }
  'PUT /chats/{chat_id}/messages/{message_id}/swipe': { query: void; body: SwipeChoice; answer: Message }
  'GET /chats/{chat_id}/messages/{message_id}/swipes': { query: void; body: void; answer: Swipe[] }
  'POST /chats/{chat_id}/preview': { query: void; body: NewTurn; answer: Explanation }
  'POST /chats/{chat_id}/restore': { query: void; body: void; answer: Chat }
  'POST /chats/{chat_id}/turns': { query: void; body: NewTurn; answer: TurnStarted }
  'GET /chats/{chat_id}/variables': { query: VariableQuery; body: void; answer: VariableSet }
  'PATCH /chats/{chat_id}/variables': { query: VariableQuery; body: VariableChange; answer: VariableSet }
  'GET /chats/{chat_id}/worlds': { query: void; body: void; answer: WorldsOfChat }
  'PUT /chats/{chat_id}/worlds': { query: void; body: WorldLinksChange; answer: WorldsOfChat }
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
  'GET /moves': { query: void; body: void; answer: Move[] }
  'POST /moves': { query: void; body: NewMove; answer: Move }
  'POST /moves/files': { query: void; body: FileQuery; answer: Download }
  'POST /moves/look': { query: void; body: NewLook; answer: MoveLook }
  'POST /moves/pictures': { query: void; body: PictureQuery; answer: PicturesFound }
  'DELETE /moves/{move_id}': { query: void; body: void; answer: void }
  'GET /moves/{move_id}': { query: void; body: void; answer: Move }
  'POST /moves/{move_id}/begin': { query: void; body: void; answer: Move }
  'GET /moves/{move_id}/lines': { query: MoveQuery; body: void; answer: Page<MoveLine> }
  'POST /moves/{move_id}/report': { query: void; body: void; answer: Download }
  'GET /moves/{move_id}/slices': { query: void; body: void; answer: SlicesThere }
  'POST /moves/{move_id}/slices': { query: void; body: NewSlices; answer: Upload[] }
  'POST /moves/{move_id}/stop': { query: void; body: void; answer: Move }
  'POST /moves/{move_id}/take': { query: void; body: TakeAgain; answer: Move }
  'GET /notes/default': { query: void; body: void; answer: DefaultNote }
  'PATCH /notes/default': { query: void; body: DefaultNoteChange; answer: DefaultNote }
  'GET /personas': { query: PageQuery; body: void; answer: Page<Persona> }
  'POST /personas': { query: void; body: NewPersona; answer: Persona }
  'GET /personas/locks': { query: void; body: void; answer: PersonaLocks }
  'PUT /personas/locks': { query: void; body: PersonaLock; answer: PersonaLocks }
  'DELETE /personas/{persona_id}': { query: void; body: void; answer: void }
  'GET /personas/{persona_id}': { query: void; body: void; answer: Persona }
  'PATCH /personas/{persona_id}': { query: void; body: PersonaChange; answer: Persona }
  'PUT /personas/{persona_id}/avatar': { query: void; body: Blob; answer: Persona }
  'GET /personas/{persona_id}/worlds': { query: void; body: void; answer: WorldLinks }
  'PUT /personas/{persona_id}/worlds': { query: void; body: WorldLinksChange; answer: WorldLinks }
  'GET /presets': { query: PageQuery; body: void; answer: Page<Preset> }
  'POST /presets': { query: void; body: NewPreset; answer: Preset }
  'POST /presets/import': { query: PresetImportQuery; body: Blob; answer: ImportedPreset }
  'POST /presets/tokens': { query: void; body: TextsToCount; answer: TokenCounts }
  'DELETE /presets/{preset_id}': { query: void; body: void; answer: void }
  'GET /presets/{preset_id}': { query: void; body: void; answer: OpenPreset }
  'PATCH /presets/{preset_id}': { query: void; body: PresetChange; answer: Preset }
  'POST /presets/{preset_id}/copy': { query: void; body: PresetCopy; answer: Preset }
  'POST /presets/{preset_id}/export': { query: void; body: void; answer: PresetDownload }
  'GET /quick-replies': { query: PageQuery; body: void; answer: Page<QuickSet> }
  'POST /quick-replies': { query: void; body: NewQuickSet; answer: QuickSet }
  'POST /quick-replies/import': { query: void; body: QuickSetFile; answer: QuickSet }
  'DELETE /quick-replies/{set_id}': { query: void; body: void; answer: void }
  'GET /quick-replies/{set_id}': { query: void; body: void; answer: QuickSet }
  'PATCH /quick-replies/{set_id}': { query: void; body: QuickSetChange; answer: QuickSet }
  'GET /quick-replies/{set_id}/file': { query: void; body: void; answer: QuickSetExport }
  'GET /scripts': { query: void; body: void; answer: ScriptList }
  'POST /scripts': { query: void; body: NewScript; answer: Script }
  'GET /scripts/came': { query: void; body: void; answer: CameList }
  'GET /scripts/characters/{character_id}': { query: void; body: void; answer: ScriptsOf }
  'PUT /scripts/characters/{character_id}': { query: void; body: CameScriptsChange; answer: ScriptsOf }
  'PUT /scripts/characters/{character_id}/permission': { query: void; body: PermissionAsked; answer: ScriptsOf }
  'GET /scripts/chats/{chat_id}': { query: void; body: void; answer: ScriptsInChat }
  'POST /scripts/export': { query: void; body: ScriptsAsked; answer: ScriptsFile }
  'POST /scripts/import': { query: void; body: ScriptFiles; answer: TakenScripts }
  'PUT /scripts/order': { query: void; body: ScriptOrder; answer: ScriptList }
  'GET /scripts/presets/{preset_id}': { query: void; body: void; answer: ScriptsOf }
  'PUT /scripts/presets/{preset_id}': { query: void; body: CameScriptsChange; answer: ScriptsOf }
  'PUT /scripts/presets/{preset_id}/permission': { query: void; body: PermissionAsked; answer: ScriptsOf }
  'POST /scripts/try': { query: void; body: ScriptTry; answer: ScriptTried }
  'DELETE /scripts/{script_id}': { query: void; body: void; answer: void }
  'PATCH /scripts/{script_id}': { query: void; body: ScriptChange; answer: Script }
  'GET /search/chats': { query: TitleQuery; body: void; answer: FoundChat[] }
  'GET /search/messages': { query: SearchQuery; body: void; answer: Found }
  'POST /socket-tickets': { query: void; body: void; answer: Ticket }
  'GET /templates': { query: TemplateQuery; body: void; answer: Page<Template> }
  'POST /templates': { query: void; body: NewTemplate; answer: Template }
  'POST /templates/export': { query: void; body: ExportAsked; answer: ExportedFile }
  'POST /templates/import': { query: void; body: TemplateFile; answer: TakenTemplates }
  'POST /templates/preview': { query: void; body: PreviewAsked; answer: Preview }
  'DELETE /templates/{template_id}': { query: void; body: void; answer: void }
  'GET /templates/{template_id}': { query: void; body: void; answer: Template }
  'PATCH /templates/{template_id}': { query: void; body: TemplateChange; answer: Template }
  'GET /templates/{template_id}/file': { query: void; body: void; answer: ExportedFile }
  'POST /turns/{turn_id}/stop': { query: void; body: void; answer: void }
  'POST /uploads': { query: void; body: NewUpload; answer: Upload }
  'POST /uploads/{upload_id}/finish': { query: void; body: void; answer: Job }
  'GET /variables': { query: void; body: void; answer: VariableSet }
  'PATCH /variables': { query: void; body: VariableChange; answer: VariableSet }
  'GET /worlds': { query: WorldQuery; body: void; answer: Page<WorldSummary> }
  'POST /worlds': { query: void; body: NewWorld; answer: WorldSummary }
  'GET /worlds/everywhere': { query: void; body: void; answer: WorldLinks }
  'PUT /worlds/everywhere': { query: void; body: WorldLinksChange; answer: WorldLinks }
  'POST /worlds/import': { query: WorldImportQuery; body: Blob; answer: ImportedWorld }
  'GET /worlds/settings': { query: void; body: void; answer: WorldSettings }
  'PATCH /worlds/settings': { query: void; body: WorldSettingsChange; answer: WorldSettings }
  'POST /worlds/try': { query: void; body: WorldTrial; answer: WorldTried }
  'GET /worlds/uses': { query: void; body: void; answer: WorldUse[] }
  'DELETE /worlds/{world_id}': { query: void; body: void; answer: void }
  'GET /worlds/{world_id}': { query: void; body: void; answer: WorldSummary }
  'PATCH /worlds/{world_id}': { query: void; body: WorldChange; answer: WorldSummary }
  'GET /worlds/{world_id}/book': { query: void; body: void; answer: Book }
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

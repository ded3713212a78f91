/* Written by hand until the generated file lands; same names. */

export interface Page<T> {
  items: T[]
  next: string | null
}

export type Role = 'user' | 'moderator' | 'admin'

export interface User {
  id: string
  role: Role
  session_id: string
}

export interface Choices {
  locale: 'en' | 'zh-CN'
  theme: 'system' | 'light' | 'dark'
  layout: 'book' | 'bubbles' | 'compact' | 'novel'
  font_px: number
  connection_id: string | null
  preset_id: string | null
  persona_id: string | null
  send_on_enter: boolean
  title_badge: boolean
  generate_title: boolean
}

export interface Account {
  id: string
  name: string
  email: string
  role: Role
  created_at: string
  choices: Choices
  banned: boolean
}

export interface SignUp {
  name: string
  email: string
  password: string
  invitation?: string | null
  locale?: 'en' | 'zh-CN'
}

export interface SignIn {
  email: string
  password: string
  device?: string
}

export interface SignedIn {
  access_token: string
  expires_in_seconds: number
  account: Account
}

export interface SignInOptions {
  sign_up: 'open' | 'invitation' | 'closed'
  oidc_issuer: string | null
  oidc_client_id: string | null
  reset_by_mail: boolean
}

export interface AccountChange {
  name?: string | null
  choices?: ChoicesChange | null
}

export interface ChoicesChange {
  locale?: 'en' | 'zh-CN' | null
  theme?: 'system' | 'light' | 'dark' | null
  layout?: 'book' | 'bubbles' | 'compact' | 'novel' | null
  font_px?: number | null
  connection_id?: string | null
  preset_id?: string | null
  persona_id?: string | null
  send_on_enter?: boolean | null
  title_badge?: boolean | null
  generate_title?: boolean | null
}

export interface PasswordChange {
  current: string
  new: string
}

export interface ResetAsked {
  email: string
}

export interface ResetDone {
  token: string
  password: string
}

export interface AccountDeletion {
  password: string
}

export interface Session {
  id: string
  device: string
  created_at: string
  last_seen_at: string
  address: string
  current: boolean
}

export interface Ticket {
  ticket: string
  url: string
  expires_in_seconds: number
}

export interface Usage {
  day: string
  replies: number
  replies_allowed: number
  tokens: number
  tokens_allowed: number
  storage_bytes: number
  storage_allowed_bytes: number
}

export interface Invitation {
  code: string
  created_at: string
  expires_at: string
  used_by: string | null
}

export interface UserChange {
  role?: Role | null
  banned?: boolean | null
}

export interface ResetLink {
  url: string
  expires_at: string
}

export type Theme = 'system' | 'light' | 'dark'

export type Layout = 'book' | 'bubbles' | 'compact' | 'novel'

export interface Asset {
  type: string
  uri: string
  name: string
  ext: string
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

export interface Card {
  spec: 'chara_card_v3'
  spec_version: string
  data: CardData
  [key: string]: unknown
}

export interface Picture {
  full: string
  thumb: string
  width: number
  height: number
  accent: string | null
}

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
  allow_outside_media: boolean
}

export interface NewCharacter {
  card: Record<string, unknown>
}

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
}

export interface TagCount {
  tag: string
  count: number
}

export interface Download {
  url: string
  filename: string
  expires_at: string
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

export interface NewPersona {
  name: string
  description?: string
}

export interface PersonaChange {
  revision: number
  name?: string | null
  description?: string | null
}

export interface Samplers {
  context_tokens: number
  reply_tokens: number
  temperature: number | null
  top_p: number | null
  top_k: number | null
  min_p: number | null
  top_a: number | null
  typical_p: number | null
  frequency_penalty: number | null
  presence_penalty: number | null
  repetition_penalty: number | null
  seed: number | null
  stop: string[]
  reasoning_effort: string | null
}

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

export interface NewPreset {
  name: string
  samplers?: Samplers
  main_prompt?: string
  post_history?: string
  continue_nudge?: string
  impersonation_prompt?: string
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
  role: 'system' | 'user' | 'assistant'
  content: string
  name: string | null
  source: string
  tokens: number
}

export interface Prompt {
  messages: PromptMessage[]
  samplers: Samplers
  model: string
  stop: string[]
  prefill: string
  tools: Record<string, unknown>[]
  speaker: string
  user_name: string
  tokens: number
}

export interface TokenUsage {
  prompt_tokens: number
  reply_tokens: number
  reasoning_tokens: number
}

export interface Delta {
  text: string
  reasoning: string
  finish_reason: 'stop' | 'length' | 'stopped' | 'interrupted' | 'filtered' | 'tool_limit' | 'error' | null
  usage: TokenUsage | null
  tool_calls: Record<string, unknown>[]
}

export type FinishReason = 'stop' | 'length' | 'stopped' | 'interrupted' | 'filtered' | 'tool_limit' | 'error'

export interface Span {
  segment: string
  upto: number
}

export interface Branch {
  id: string
  chat_id: string
  title: string
  spans: Span[]
  created_at: string
  updated_at: string
  from_message_id: string | null
  active_turn_id: string | null
}

export interface ReplyFacts {
  generation_id: string
  model: string
  connection: string
  started_at: string | null
  finished_at: string | null
  first_token_ms: number | null
  finish_reason: 'stop' | 'length' | 'stopped' | 'interrupted' | 'filtered' | 'tool_limit' | 'error'
  prompt_tokens: number
  reply_tokens: number
}

export interface Message {
  id: string
  chat_id: string
  role: 'user' | 'assistant' | 'system'
  name: string
  text: string
  reasoning: string
  hidden: boolean
  character_id: string | null
  swipe_index: number
  swipe_count: number
  reply: ReplyFacts | null
  tokens: number | null
  revision: number
  created_at: string
  edited_at: string | null
  deleted_at: string | null
  extra: Record<string, unknown>
}

export interface Swipe {
  index: number
  text: string
  reasoning: string
  reply: ReplyFacts | null
  created_at: string
  extra: Record<string, unknown>
}

export interface ChatSummary {
  id: string
  character_id: string
  title: string
  preview: string
  message_count: number
  created_at: string
  updated_at: string
  deleted_at: string | null
  revision: number
}

export interface Chat {
  id: string
  character_id: string
  title: string
  preview: string
  message_count: number
  created_at: string
  updated_at: string
  deleted_at: string | null
  revision: number
  branch_id: string
  persona_id: string | null
  authors_note: string
  authors_note_depth: number
  metadata: Record<string, unknown>
}

export interface NewChat {
  character_id: string
  title?: string
  persona_id?: string | null
  greeting?: number
}

export interface ChatChange {
  title?: string | null
  persona_id?: string | null
  branch_id?: string | null
  authors_note?: string | null
  authors_note_depth?: number | null
}

export interface ChatQuery {
  character_id?: string | null
  trash?: boolean
  cursor?: string | null
  limit?: number
}

export interface OpenQuery {
  branch_id?: string | null
}

export interface MessageQuery {
  branch_id?: string | null
  before?: string | null
  limit?: number
}

export interface MessagePage {
  messages: Message[]
  before: string | null
}

export interface NewBranch {
  message_id: string
  title?: string
}

export interface MessageChange {
  revision: number
  text?: string | null
  hidden?: boolean | null
}

export interface SwipeChoice {
  revision: number
  index: number
}

export interface RevisionQuery {
  revision: number
}

export type MessageRole = 'user' | 'assistant' | 'system'

export interface NewTurn {
  kind?: 'reply' | 'swipe' | 'continue' | 'impersonate' | 'quiet'
  branch_id?: string | null
  text?: string | null
  message_id?: string | null
  revision?: number | null
  instruction?: string
  connection_id?: string | null
}

export interface Generation {
  id: string
  turn_id: string
  chat_id: string
  branch_id: string
  character_id: string
  kind: 'reply' | 'swipe' | 'continue' | 'impersonate' | 'quiet'
  status: 'queued' | 'running' | 'done'
  epoch: number
  message_id: string | null
  log: 'redis' | 'dynamo'
  queued_at: string
  started_at: string | null
  ended_at: string | null
  seq: number
  text: string
  reasoning: string
  finish_reason: 'stop' | 'length' | 'stopped' | 'interrupted' | 'filtered' | 'tool_limit' | 'error' | null
  error_code: string | null
  error_message: string | null
  usage: TokenUsage | null
  connection: string
  model: string
}

export interface Turn {
  id: string
  chat_id: string
  branch_id: string
  kind: 'reply' | 'swipe' | 'continue' | 'impersonate' | 'quiet'
  generation_ids: string[]
  created_at: string
}

export interface TurnStarted {
  turn: Turn
  message: Message | null
  generations: Generation[]
}

export interface ChatOpened {
  chat: Chat
  branch: Branch
  page: MessagePage
  active: Generation[]
}

export type GenerationKind = 'reply' | 'swipe' | 'continue' | 'impersonate' | 'quiet'

export type GenerationStatus = 'queued' | 'running' | 'done'

export type LogKind = 'redis' | 'dynamo'

export type ProviderKind = 'demo' | 'openai_chat' | 'openai_text' | 'koboldcpp' | 'llamacpp' | 'anthropic' | 'bedrock' | 'gemini'

export interface Connection {
  id: string
  name: string
  kind: ProviderKind
  address: string
  model: string
  has_key: boolean
  key_hint: string
  fallback_id: string | null
  tokenizer: 'o200k_base' | 'cl100k_base'
  context_tokens: number | null
  created_at: string
  updated_at: string
  revision: number
}

export interface NewConnection {
  name: string
  kind: ProviderKind
  address?: string
  model?: string
  key?: string | null
  fallback_id?: string | null
  tokenizer?: 'o200k_base' | 'cl100k_base'
  context_tokens?: number | null
}

export interface ConnectionChange {
  revision: number
  name?: string | null
  address?: string | null
  model?: string | null
  key?: string | null
  fallback_id?: string | null
  tokenizer?: 'o200k_base' | 'cl100k_base' | null
  context_tokens?: number | null
}

export interface ProviderInfo {
  kind: ProviderKind
  title: string
  address: string
  needs_key: boolean
  local: boolean
  offered: boolean
}

export interface ModelInfo {
  id: string
  title: string
  context_tokens: number | null
}

export interface TestResult {
  ok: boolean
  text: string
  first_token_ms: number | null
  code: string | null
  message: string | null
}

export interface NearbyServer {
  kind: ProviderKind
  title: string
  address: string
  models: ModelInfo[]
}

export interface ReportLine {
  name: string
  outcome: 'taken' | 'changed' | 'left_out'
  note: string
  id: string | null
  code: string | null
}

export interface Job {
  id: string
  kind: 'import_file' | 'export_account' | 'delete_account' | 'export_character' | 'export_chat'
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

export interface GenerationOrder {
  owner_id: string
  generation_id: string
  order: 'generation'
}

export interface JobOrder {
  owner_id: string
  job_id: string
  order: 'job'
  arguments: Record<string, unknown>
}

export type JobKind = 'import_file' | 'export_account' | 'delete_account' | 'export_character' | 'export_chat'

export interface NewUpload {
  filename: string
  size: number
  content_type: string
  purpose?: 'character' | 'chat'
  character_id?: string | null
}

export interface Upload {
  id: string
  url: string
  fields: Record<string, string>
  expires_at: string
}

export interface Hello {
  type: 'hello'
  contract: number
  locale: string
}

export interface Follow {
  type: 'follow'
  chat_id: string
  revision: number
}

export interface Unfollow {
  type: 'unfollow'
  chat_id: string
}

export interface Resume {
  type: 'resume'
  generation_id: string
  epoch: number
  after: number
}

export interface Stop {
  type: 'stop'
  turn_id: string
}

export interface Ping {
  type: 'ping'
}

export interface Welcome {
  type: 'welcome'
  contract: number
  socket_id: string
}

export interface Following {
  type: 'following'
  chat_id: string
  revision: number
  generation_ids: string[]
}

export interface Start {
  type: 'start'
  generation_id: string
  g: string
  turn_id: string
  epoch: number
  chat_id: string
  branch_id: string
  message_id: string | null
  kind: 'reply' | 'swipe' | 'continue' | 'impersonate' | 'quiet'
  character_id: string
  place: number | null
}

export interface Piece {
  type: 'd'
  g: string
  n: [number, number]
  x: string | null
  r: string | null
}

export interface Snapshot {
  type: 'snapshot'
  generation_id: string
  g: string
  turn_id: string
  epoch: number
  chat_id: string
  branch_id: string
  message_id: string | null
  kind: 'reply' | 'swipe' | 'continue' | 'impersonate' | 'quiet'
  character_id: string
  status: 'queued' | 'running' | 'done'
  upto: number
  part: number
  parts: number
  text: string
  reasoning: string
}

export interface FrameError {
  code: string
  message: string
}

export interface End {
  type: 'end'
  generation_id: string
  turn_id: string
  chat_id: string
  epoch: number
  seq: number
  finish_reason: 'stop' | 'length' | 'stopped' | 'interrupted' | 'filtered' | 'tool_limit' | 'error'
  error: FrameError | null
  message_id: string | null
  revision: number | null
  length: number
  sha256: string
  changed: boolean
  usage: TokenUsage | null
  chat_revision: number | null
}

export interface Changed {
  type: 'changed'
  chat_id: string
  what: 'message' | 'swipe' | 'delete' | 'branch' | 'chat' | 'turn'
  revision: number
  message_id: string | null
}

export interface Pong {
  type: 'pong'
}

export interface Refused {
  type: 'error'
  code: string
  message: string
  about: string | null
}

export type UpFrame = Hello | Follow | Unfollow | Resume | Stop | Ping

export type DownFrame = Welcome | Following | Start | Piece | Snapshot | End | Changed | Pong | Refused

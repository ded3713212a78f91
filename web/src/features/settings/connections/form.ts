/**
 * The form of one connection. Its model list and its test come from the service itself, so the connection is written
 * down before either; one that was only tried and never finished is taken away again.
 */
import { computed, reactive, ref, shallowRef } from 'vue'
import { connectionsApi } from '@/api/connections'
import type { Connection, ModelInfo, NewConnection, ProviderInfo, ProviderKind } from '@/api/schema'
import { placesOf, type Place } from './places'

export type Suggestion = Partial<Place> & { model?: string }

export function useConnectionForm(
  connection: Connection | null,
  suggestion: Suggestion | null,
  providers: readonly ProviderInfo[],
) {
  const kept = shallowRef<Connection | null>(connection)
  const places = placesOf(providers)
  const known = connection ?? suggestion
  const placeId = ref(
    places.find((one) => one.kind === known?.kind && one.address === known?.address)?.id ?? known?.kind ?? 'openai_chat',
  )
  const place = computed(() => places.find((one) => one.id === placeId.value))
  const kind = computed<ProviderKind>(() => kept.value?.kind ?? place.value?.kind ?? 'openai_chat')
  const needsKey = computed(() => place.value?.needsKey ?? providers.find((one) => one.kind === kind.value)?.needs_key ?? false)
  const models = shallowRef<ModelInfo[]>([])
  let asked = ''
  let finished = connection !== null

  const form = reactive({
    name: connection?.name ?? suggestion?.title ?? '',
    address: connection?.address ?? suggestion?.address ?? '',
    key: '',
    model: connection?.model ?? suggestion?.model ?? '',
    fallback: connection?.fallback_id ?? '',
    tokenizer: connection?.tokenizer ?? ('o200k_base' as Connection['tokenizer']),
    format: connection?.text_format ?? ('auto' as Connection['text_format']),
    sees: connection?.sees ?? ('auto' as Connection['sees']),
    context: connection?.context_tokens ?? (null as number | null),
  })

  /** A new address drops the key that was kept for the old one. */
  const movedAway = computed(() => !!kept.value?.has_key && form.address.trim() !== kept.value.address && !form.key)
  const written = computed(() => ({
    name: form.name.trim(),
    address: form.address.trim(),
    model: form.model.trim(),
    fallback_id: form.fallback || null,
    tokenizer: form.tokenizer,
    text_format: form.format,
    sees: form.sees,
    context_tokens: form.context || null,
  }))
  const changed = computed(() => {
    const was = kept.value
    if (!was || form.key) return true
    return Object.entries(written.value).some(([name, value]) => was[name as keyof Connection] !== value)
  })

  /** Fills in what is known of the chosen place, and leaves a name that somebody typed. */
  function settle(): void {
    if (kept.value || !place.value) return
    if (!form.name || places.some((one) => one.title === form.name)) form.name = place.value.title
    form.address = place.value.address
    form.model = ''
    models.value = []
  }

  /** Writes down what is in the form, if anything changed. Raises what the server says. */
  async function save(): Promise<Connection> {
    if (kept.value && !changed.value) return kept.value
    const body = { ...written.value, ...(form.key ? { key: form.key.trim() } : {}) }
    kept.value = kept.value
      ? await connectionsApi.change(kept.value.id, { revision: kept.value.revision, ...body })
      : await connectionsApi.create({ kind: kind.value, ...body } as NewConnection)
    form.key = ''
    form.address = kept.value.address
    return kept.value
  }

  async function finish(): Promise<{ connection: Connection; fresh: boolean }> {
    const fresh = !finished
    const done = await save()
    finished = true
    return { connection: done, fresh }
  }

  /** Asks the service for its models, once for an address and key. */
  async function askModels(): Promise<void> {
    const keyed = !!form.key || !!kept.value?.has_key
    const sign = `${kind.value} ${form.address} ${form.key}`
    if (!form.name.trim() || asked === sign || (needsKey.value && !keyed)) return
    const done = await save()
    models.value = await connectionsApi.models(done.id)
    asked = `${kind.value} ${form.address} ${form.key}`
  }

  async function abandon(): Promise<void> {
    if (!finished && kept.value) await connectionsApi.delete(kept.value.id)
  }

  return { form, kept, kind, places, placeId, place, needsKey, models, movedAway, settle, save, finish, askModels, abandon }
}

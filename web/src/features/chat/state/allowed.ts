/** What the open chat's texts may load, and how a held picture is called. */
import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Allowed } from '../prose/sanitize'
import { hostOf } from '../prose/sanitize'
import type { Story } from './story'

export function useAllowed(story: Story): ComputedRef<Allowed> {
  const { t } = useI18n()
  return computed(() => ({
    outsideMedia: story.character.value?.allow_outside_media ?? false,
    heldLabel: ({ src, alt }) => t('chat.held_image', { name: alt || t('chat.picture'), host: hostOf(src) }),
    plainLabel: ({ src, alt }) => t('chat.plain_image', { name: alt || t('chat.picture'), host: hostOf(src) }),
  }))
}

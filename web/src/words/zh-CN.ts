/** Every word in this language, gathered into one chunk. */
import { gathered, type Words } from './i18n'

export const words = gathered(
  import.meta.glob<Words>(['./locales/zh-CN.json', '../features/*/locales/zh-CN.json'], { eager: true, import: 'default' }),
)

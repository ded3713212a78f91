import { expect, test } from 'vitest'
import { breaksPage } from './breaks'

const LINK = 'https://vuejs.org/error-reference/#runtime-'

test.each(['setup function', 'render function', 'mounted hook', 'beforeMount hook', 'updated hook', `${LINK}0`, `${LINK}1`, `${LINK}m`])(
  'an error in %s leaves nothing to show',
  (info) => expect(breaksPage(info)).toBe(true),
)

test.each(['native event handler', 'component event handler', 'watcher callback', 'unmounted hook', `${LINK}5`, `${LINK}6`, `${LINK}um`])(
  'an error in %s leaves the page as it is',
  (info) => expect(breaksPage(info)).toBe(false),
)

import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './app/App.vue'
import { guardDrops } from './app/drops'
import { renewWhenReplaced } from './app/renewal'
import { router } from './app/router'
import { firstLocale, i18n, speak } from './words/i18n'
import './styles/fonts.css'
import './styles/tokens.css'
import './styles/page.css'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
app.use(router)
renewWhenReplaced(router)
guardDrops()

// The first words arrive with the first page; a page of bare keys is never shown.
await speak(firstLocale())
app.mount('#app')

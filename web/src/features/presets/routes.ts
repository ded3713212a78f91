import { SlidersHorizontal } from '@lucide/vue'
import type { RouteRecordRaw } from 'vue-router'
import type { NavigationEntry } from '@/app/navigation'

export const navigation: NavigationEntry[] = [{ to: 'presets', label: 'presets.title', icon: SlidersHorizontal, order: 40 }]

export const routes: RouteRecordRaw[] = [
  { path: '/settings/presets', redirect: { name: 'presets' } },
  {
    path: '/presets',
    component: () => import('./PresetsFrame.vue'),
    children: [
      { path: '', name: 'presets', component: () => import('./PresetsPage.vue'), meta: { title: 'presets.title' } },
      { path: 'templates', name: 'templates', component: () => import('../templates/TemplatesPage.vue'), meta: { title: 'templates.title' } },
      { path: 'scripts', name: 'scripts', component: () => import('../scripts/ScriptsPage.vue'), meta: { title: 'scripts.title' } },
      { path: 'note', name: 'note', component: () => import('./NotePage.vue'), meta: { title: 'presets.note' } },
      { path: 'quick', name: 'quick', component: () => import('../quick/QuickPage.vue'), meta: { title: 'quick.title' } },
    ],
  },
]

import { MessagesSquare } from '@lucide/vue'
import type { RouteRecordRaw } from 'vue-router'
import type { NavigationEntry } from '@/app/navigation'

export const navigation: NavigationEntry[] = [{ to: 'chats', label: 'chat.list', icon: MessagesSquare, order: 20 }]

export const routes: RouteRecordRaw[] = [
  {
    // Together under one record, so that the rail knows that a chat is one of the chats.
    path: '/chats',
    children: [
      { path: '', name: 'chats', component: () => import('./ChatsPage.vue'), meta: { title: 'chat.list' } },
      {
        path: ':chatId',
        name: 'chat',
        component: () => import('./ChatPage.vue'),
        props: true,
        meta: { title: 'chat.title', immersive: true },
      },
    ],
  },
  {
    path: '/chat-with/:characterId',
    name: 'chat-with',
    component: () => import('./ChatWithPage.vue'),
    props: true,
    meta: { title: 'chat.title' },
  },
]

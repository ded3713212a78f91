import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/groups',
    children: [
      { path: '', name: 'groups', component: () => import('./GroupsPage.vue'), meta: { title: 'groups.title', under: 'library' } },
      { path: ':groupId', name: 'group', component: () => import('./GroupPage.vue'), props: true, meta: { title: 'groups.one', under: 'library' } },
    ],
  },
]

import type { RouteRecordRaw } from 'vue-router'
import { RETURN_PATH } from './oidc'

export const routes: RouteRecordRaw[] = [
  {
    path: '/sign-in',
    name: 'sign-in',
    component: () => import('./SignInPage.vue'),
    meta: { title: 'auth.sign_in', open: true, bare: true },
  },
  {
    path: RETURN_PATH,
    name: 'oidc',
    component: () => import('./IssuerReturnPage.vue'),
    meta: { title: 'auth.sign_in', open: true, bare: true },
  },
  {
    path: '/sign-up',
    name: 'sign-up',
    component: () => import('./SignUpPage.vue'),
    meta: { title: 'auth.sign_up', open: true, bare: true },
  },
  {
    path: '/reset-password',
    name: 'reset',
    component: () => import('./ResetPage.vue'),
    meta: { title: 'auth.reset', open: true, bare: true },
  },
]

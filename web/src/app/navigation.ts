/** What a feature's routes.ts may bring: its routes, and its place in the rail and the bottom bar. */
import type { Component } from 'vue'
import type { RouteRecordRaw } from 'vue-router'

export interface NavigationEntry {
  /** Route name it leads to. */
  to: string
  /** Key of its word. */
  label: string
  icon: Component
  /** Small numbers come first: library 10, chats 20, personas 30, settings 90. */
  order: number
}

export interface FeatureRoutes {
  routes: RouteRecordRaw[]
  navigation?: NavigationEntry[]
}

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's title. */
    title?: string
    /** The entry of the rail that it belongs to, where its address does not say so. */
    under?: string
    /** Open to people who are not signed in. */
    open?: boolean
    /** Only for admins. */
    admin?: boolean
    /** Without rail and bottom bar (sign-in). */
    bare?: boolean
    /** The page fills the height itself and hides the bottom bar on phones (a chat). */
    immersive?: boolean
  }
}

const features = Object.values(import.meta.glob<FeatureRoutes>('../features/*/routes.ts', { eager: true }))

export const featureRoutes: RouteRecordRaw[] = features.flatMap((feature) => feature.routes)

export const navigation: NavigationEntry[] = features
  .flatMap((feature) => feature.navigation ?? [])
  .sort((a, b) => a.order - b.order)

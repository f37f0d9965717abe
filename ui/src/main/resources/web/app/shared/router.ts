export interface Route {
  path: string;
  title: string;
  /** What fits under an icon on a phone. */
  short: string;
  tag: string;
  load: () => Promise<unknown>;
}

/** The pages, in the order of the navigation. Each is fetched when it is first opened. */
export const routes: Route[] = [
  { path: '/', title: 'Home', short: 'Home', tag: 'larder-home', load: () => import('../home/home') },
  { path: '/catalog', title: 'Catalog', short: 'Catalog', tag: 'larder-catalog', load: () => import('../catalog/catalog') },
  { path: '/leaderboard', title: 'Leaderboard', short: 'Ranks', tag: 'larder-leaderboard', load: () => import('../leaderboard/leaderboard') },
  { path: '/chat', title: 'Chat', short: 'Chat', tag: 'larder-chat', load: () => import('../chat/chat') },
  { path: '/session', title: 'Session', short: 'Session', tag: 'larder-session', load: () => import('../session/session') },
  { path: '/geo', title: 'Geo', short: 'Map', tag: 'larder-geo', load: () => import('../geo/geo') },
  { path: '/queue', title: 'Queue', short: 'Queue', tag: 'larder-queue', load: () => import('../queue/queue') },
  { path: '/laboratory', title: 'Laboratory', short: 'Lab', tag: 'larder-laboratory', load: () => import('../laboratory/laboratory') },
];

export const routeOf = (path: string): Route | undefined => routes.find((route) => route.path === (path.replace(/\/+$/, '') || '/'));

/** Goes to a page of ours without leaving the document. */
export function navigate(url: string): void {
  history.pushState(null, '', url);
  window.dispatchEvent(new Event('larder-navigate'));
}

/** Turns plain clicks on links to our pages into navigation; every other click stays the browser's. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.composedPath().find((node): node is HTMLAnchorElement => node instanceof HTMLAnchorElement);
  if (!link || link.origin !== location.origin || link.target || link.hasAttribute('download') || link.hash || !routeOf(link.pathname)) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
}

{# The service worker: installation.routes. It keeps the page without a connection and its style, never a person's page. #}
const SHELL = "parley-{{ asset('css/1-base.css').split('=')[1] }}-{{ asset('css/4-portal.css').split('=')[1] }}-1";
const KEPT = [
  "{{ url_for('installation.offline') }}",
  "{{ asset('css/1-base.css') }}",
  "{{ asset('css/2-components.css') }}",
  "{{ asset('css/3-screens.css') }}",
  "{{ asset('css/4-portal.css') }}",
  "{{ asset('icons.svg') }}",
  {% if theme %}"{{ theme }}",{% endif %}
];

addEventListener("install", (event) => event.waitUntil((async () => {
  const shell = await caches.open(SHELL);
  // Without a session: what is kept here is the same for every reader.
  await shell.addAll(KEPT.map((path) => new Request(path, { credentials: "omit", cache: "reload" })));
  await skipWaiting();
})()));

addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== SHELL) await caches.delete(name);
  await clients.claim();
})()));

const kept = async (path) => (await caches.open(SHELL)).match(path);

// The style that is kept, and a page only where the network fails.
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (KEPT.indexOf(pathname + search) > 0) event.respondWith(kept(pathname + search).then((found) => found ?? fetch(request)));
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(async () => (await kept(KEPT[0])) ?? Response.error()));
});

addEventListener("push", (event) => event.waitUntil((async () => {
  const said = event.data?.json() ?? {};
  const open = await clients.matchAll({ type: "window" });
  if (open.some((page) => page.focused)) return; // the bell of the open page says it
  await registration.showNotification(said.title, { body: said.body, tag: said.tag, icon: said.icon, data: { path: said.path } });
})()));

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const target = new URL(event.notification.data?.path ?? "/", location.origin);
  if (target.origin !== location.origin) return;
  event.waitUntil((async () => {
    const open = await clients.matchAll({ type: "window" });
    const page = open.find((one) => one.url === target.href);
    await (page ? page.focus() : clients.openWindow(target.href));
  })());
});

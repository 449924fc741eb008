// Timers that run count on while the page is open. What they show without this script is the time of when it was drawn.
const seen = new WeakMap();
const two = (number) => String(number).padStart(2, "0");
const tick = () => document.querySelectorAll("[data-timer]").forEach((place) => {
  if (!seen.has(place)) seen.set(place, performance.now());
  const all = Math.min(Number(place.dataset.timer) + Math.floor((performance.now() - seen.get(place)) / 1000), 86400);
  place.textContent = `${Math.floor(all / 3600)}:${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
});
tick();
setInterval(tick, 1000);

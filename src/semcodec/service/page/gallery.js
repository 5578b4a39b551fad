// Searches as you type, and paints pictures when they come into view: in the browser where the viewer is there, else by
// the service. The pages work without this.

const TRIES = 4;
const TYPING_MS = 150;

/** The answer of the service; where it has too much to do, it is asked again when it says. */
async function ask(url, options) {
  for (let tried = 1; ; tried++) {
    const answer = await fetch(url, options);
    if ((answer.status !== 429 && answer.status !== 503) || tried === TRIES) return answer;
    const wait_s = Number(answer.headers.get("Retry-After") ?? 2);
    await new Promise((done) => setTimeout(done, 1000 * wait_s * (0.5 + Math.random())));
  }
}

// Pictures

let element = null;

/** Whether <semc-img> can be used; its script is loaded when the first picture comes into view. */
function elementIn(viewer) {
  element ??= import(new URL(`${viewer}element.js`, document.baseURI)).then(
    () => true,
    () => false,
  );
  return element;
}

async function paint(place) {
  const viewer = place.closest("[data-viewer]")?.dataset.viewer;
  if (viewer !== undefined && (await elementIn(viewer))) paintHere(place, viewer);
  else await paintThere(place);
}

function paintHere(place, viewer) {
  const image = document.createElement("semc-img");
  image.setAttribute("assets", new URL(`${viewer}assets/`, document.baseURI).href);
  image.setAttribute("alt", place.dataset.alt);
  if (place.dataset.restore === "off") image.setAttribute("restore", "off");
  let isPainted = false;
  image.addEventListener("load", () => {
    isPainted = true;
    image.style.setProperty("--ratio", image.naturalWidth / image.naturalHeight);
  });
  image.addEventListener("error", () => {
    if (isPainted) return; // (only the restorer, or the words, could not be loaded)
    image.remove();
    void paintThere(place);
  });
  image.setAttribute("src", place.dataset.src);
  place.append(image);
}

async function paintThere(place) {
  try {
    const answer = await ask(place.dataset.preview);
    if (!answer.ok) throw new Error((await answer.json()).detail);
    const image = document.createElement("img");
    image.alt = place.dataset.alt;
    image.src = URL.createObjectURL(await answer.blob());
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    place.append(image);
  } catch (error) {
    place.classList.add("failed");
    place.title = error.message;
  }
}

const inView = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      inView.unobserve(target);
      void paint(target);
    }
  },
  { rootMargin: "200px" },
);

function watch(within) {
  for (const place of within.querySelectorAll(".picture")) inView.observe(place);
}

// Search

const input = document.querySelector("#q");
let asking = null;
let timer = 0;

function search() {
  clearTimeout(timer);
  timer = setTimeout(find, TYPING_MS);
}

async function find() {
  asking?.abort();
  asking = new AbortController();
  const query = input.value;
  const url = query.trim() === "" ? "./" : `./?${new URLSearchParams({ q: query })}`;
  try {
    const answer = await ask(url, { signal: asking.signal, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("#results");
    if (found === null || query !== input.value) return;
    const results = document.querySelector("#results");
    // (the line that is read aloud stays the same element; only its text is another one)
    results.querySelector("#count").textContent = found.querySelector("#count").textContent;
    for (const selector of [".tiles", "nav"]) {
      const before = results.querySelector(selector);
      const after = found.querySelector(selector);
      if (before !== null && after !== null) before.replaceWith(after);
      else if (after !== null) results.append(after);
      else before?.remove();
    }
    document.title = page.title;
    history.replaceState(null, "", url);
    watch(results);
  } catch (error) {
    if (error.name !== "AbortError") document.querySelector("#count").textContent = "The service does not answer.";
  }
}

input?.addEventListener("input", search);
input?.form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  void find();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== input && !event.ctrlKey && !event.metaKey && input !== null) {
    event.preventDefault();
    input.focus();
  }
});
watch(document);

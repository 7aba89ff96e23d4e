// slides.js: one slide at a time; arrows, Space, Page Up and Page Down, Home and End turn. What does not fit is made smaller.
const slides = [...document.querySelectorAll("section")];
let now = Math.min(Math.max(Number(location.hash.slice(1)) - 1 || 0, 0), slides.length - 1);

const ROOM = 540 - 34 - 40;
for (const slide of slides) {
    const inner = document.createElement("div");
    inner.append(...[...slide.childNodes].filter((node) => node.nodeName !== "FOOTER"));
    slide.prepend(inner);
    const scale = Math.min(1, ROOM / inner.scrollHeight, 864 / inner.scrollWidth);
    if (scale < 1) {
        inner.style.width = `${100 / scale}%`;
        const again = Math.min(scale, ROOM / inner.scrollHeight);
        inner.style.cssText = `width: ${100 / again}%; transform: scale(${again}); transform-origin: 0 0;`;
    }
}

function show(index) {
    now = Math.min(Math.max(index, 0), slides.length - 1);
    slides.forEach((slide, at) => slide.classList.toggle("now", at === now));
    history.replaceState(null, "", `#${now + 1}`);
}

function fit() {
    document.body.style.setProperty("--scale", Math.min(innerWidth / 960, innerHeight / 540));
}

const TURN = { ArrowRight: 1, ArrowDown: 1, " ": 1, PageDown: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Home: -9999, End: 9999 };
addEventListener("keydown", (event) => {
    if (!(event.key in TURN) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    show(now + TURN[event.key]);
});
addEventListener("click", (event) => show(now + (event.clientX < innerWidth / 3 ? -1 : 1)));
addEventListener("resize", fit);
document.body.classList.add("one");
fit();
show(now);

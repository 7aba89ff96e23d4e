// link.js: a link to a place in the boot, which a reader can send to another: `#step=9`, `#step=14&break`
// (about to break it), `#run=cow` (a program in the shell), `#monitor=gdt` (a command of the kernel's
// monitor); and before it `?image=lab3` for another image than disk.img.

const NAME = /^[\w-]+$/;

/** An image is a file of the site's own, never of another. */
export const isImage = (name) => NAME.test(name);

/** The goal that the query and the hash of an address name; what they do not name is left out. */
export function readLink({ search, hash }) {
    const query = new URLSearchParams(search), place = new URLSearchParams(hash.slice(1));
    const goal = {};
    if (query.has("image")) goal.image = query.get("image");
    if (place.has("run")) goal.run = place.get("run");
    else if (place.has("monitor")) goal.monitor = place.get("monitor");
    else if (/^[1-9]\d?$/.test(place.get("step") ?? "")) {
        goal.step = Number(place.get("step"));
        goal.break = place.has("break");
    }
    return goal;
}

/** The query and the hash of a goal. */
export function writeLink({ image, step, break: broken, run, monitor }) {
    const query = image && image !== "disk" ? `?image=${encodeURIComponent(image)}` : "";
    if (run !== undefined) return `${query}#run=${encodeURIComponent(run)}`;
    if (monitor !== undefined) return `${query}#monitor=${encodeURIComponent(monitor)}`;
    return step ? `${query}#step=${step}${broken ? "&break" : ""}` : query;
}

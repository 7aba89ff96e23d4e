// store.js: a learner's work, kept in this browser: the source of each level, and which were passed.
// A browser may forbid it: then the work lasts as long as the page.

const KEY = "ascent-boot-sector";

export class Store {
    constructor() {
        this.kept = { sources: {}, passed: [] };
        try {
            Object.assign(this.kept, JSON.parse(localStorage.getItem(KEY) ?? "{}"));
        } catch {
            // what lies there is not ours
        }
    }

    source(number) {
        return this.kept.sources[number] ?? null;
    }

    /** null: back to the start of the level. */
    keep(number, source) {
        if (source === null) delete this.kept.sources[number];
        else this.kept.sources[number] = source;
        this.#write();
    }

    passed(number) {
        return this.kept.passed.includes(number);
    }

    pass(number) {
        if (!this.passed(number)) this.kept.passed.push(number);
        this.#write();
    }

    #write() {
        try {
            localStorage.setItem(KEY, JSON.stringify(this.kept));
        } catch {
            // full, or forbidden
        }
    }
}

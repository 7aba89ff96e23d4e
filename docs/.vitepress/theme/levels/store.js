// store.js: a learner's work, kept in this browser: the source of each level, and which were passed.
// A browser may forbid it: then the work lasts as long as the page. Other tabs may have the page open too:
// what is written is what lies there, with one change.

const KEY = "ascent-boot-sector";

export class Store {
    constructor() {
        this.kept = read() ?? { sources: {}, passed: [] };
    }

    source(number) {
        return this.kept.sources[number] ?? null;
    }

    /** null: back to the start of the level. */
    keep(number, source) {
        this.#write(({ sources }) => {
            if (source === null) delete sources[number];
            else sources[number] = source;
        });
    }

    passed(number) {
        return this.kept.passed.includes(number);
    }

    pass(number) {
        this.#write(({ passed }) => { if (!passed.includes(number)) passed.push(number); });
    }

    #write(change) {
        this.kept = read() ?? this.kept;
        change(this.kept);
        try {
            localStorage.setItem(KEY, JSON.stringify(this.kept));
        } catch {
            // full, or forbidden
        }
    }
}

/** What lies there; null: nothing, or nothing of ours. */
function read() {
    try {
        const { sources, passed } = JSON.parse(localStorage.getItem(KEY));
        return sources?.constructor === Object && Array.isArray(passed) ? { sources, passed } : null;
    } catch {
        return null;
    }
}

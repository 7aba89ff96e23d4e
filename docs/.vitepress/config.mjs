// config.mjs: docs/ as a web site. The pages stay plain Markdown that any code host shows; all that
// only the site knows is said here. SITE_BASE is the folder on the server, / unless told otherwise.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitepress";
import { ROOT, sourceLink } from "./source-pages.mjs";

const DOCS = join(ROOT, "docs");
const OUT = process.env.SITE_OUT ?? join(ROOT, "build/site");
const PUBLIC = process.env.SITE_PUBLIC ?? join(ROOT, "build/site-public");

// In this order; a page that is not named comes last.
const ORDER = ["architecture", "glossary", "sdm-index", "source-index", "errata", "statements",
    "fault-gallery", "debugging", "performance", "real-hardware", "troubleshooting"];

/** The entry of a page in the sidebar: the title is the first heading of the page. */
function entry(page) {
    const heading = /^# (.*)$/m.exec(readFileSync(join(DOCS, page + ".md"), "utf8"));
    return { text: (heading?.[1] ?? page).replaceAll("`", ""), link: `/${page}` };
}

const pages = (folder, pattern) => readdirSync(join(DOCS, folder)).filter((name) => pattern.test(name))
    .sort().map((name) => join(folder, name.replace(/\.md$/, "")));
const book = pages("", /^\d\d-.*\.md$/).map(entry);
const others = pages("", /\.md$/).filter((page) => !/^(\d\d-|index$|step-in-browser$|boot-sector$)/.test(page));
const place = (page) => (ORDER.indexOf(page) + 1) || ORDER.length + 1;
const reference = [...pages("reference", /\.md$/), ...others.sort((a, b) => place(a) - place(b))].map(entry);

/** Links to source files lead to the pages of source-pages.mjs. */
function sourceLinks(markdown) {
    markdown.core.ruler.push("source-links", (state) => {
        for (const block of state.tokens) {
            for (const token of block.children ?? []) {
                if (token.type !== "link_open" || !state.env.relativePath) continue;
                const link = sourceLink(state.env.relativePath, token.attrGet("href"));
                if (link === null) continue;
                token.attrSet("href", link);
                token.attrSet("target", "_self"); // no page of the application: a plain link
            }
        }
    });
}

export default defineConfig({
    title: "Ascent",
    description: "A BIOS boot loader and a 32-bit x86 kernel to read, step through and boot",
    lang: "en",
    base: process.env.SITE_BASE ?? "/",
    outDir: OUT,
    cacheDir: join(ROOT, "build/site-cache"),
    srcExclude: ["node_modules/**", "examples/**"],
    head: [["link", { rel: "icon", href: "data:," }]],
    markdown: { languageAlias: { nasm: "asm", ld: "c" }, config: sourceLinks },
    transformPageData(page) {
        // The machine takes the whole width. The page itself says nothing of this, as it would show.
        if (["step-in-browser.md", "boot-sector.md"].includes(page.relativePath))
            Object.assign(page.frontmatter, { sidebar: false, aside: false, outline: false,
                pageClass: "machine-page" });
    },
    themeConfig: {
        nav: [
            { text: "Book", link: book[0].link },
            { text: "Step in the browser", link: "/step-in-browser" },
            { text: "Write a boot sector", link: "/boot-sector" },
            { text: "Reference", link: reference[0].link },
            { text: "Source", link: "/source/index.html", target: "_self" },
        ],
        sidebar: [
            { text: "Start", items: [{ text: "Ascent", link: "/" },
                { text: "Step in the browser", link: "/step-in-browser" },
                { text: "Write a boot sector", link: "/boot-sector" }] },
            { text: "The book", items: book },
            { text: "Reference", items: reference },
        ],
        outline: [2, 3],
        search: { provider: "local" },
    },
    vite: {
        publicDir: PUBLIC,
        build: { chunkSizeWarningLimit: 2000 },
        server: { fs: { allow: [ROOT] } },
    },
});

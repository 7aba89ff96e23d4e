// config.mjs: docs/ as a web site. The pages stay plain Markdown that any code host shows; all that
// only the site knows is said here. SITE_BASE is the folder on the server, / unless told otherwise.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitepress";
import { ROOT, sourceLink } from "./source-pages.mjs";

const DOCS = join(ROOT, "docs");
const OUT = process.env.SITE_OUT ?? join(ROOT, "build/site");
const PUBLIC = process.env.SITE_PUBLIC ?? join(ROOT, "build/site-public");

const REFERENCE = ["architecture", "glossary", "sdm-index", "source-index", "errata", "statements",
    "fault-gallery", "debugging", "real-hardware", "troubleshooting"];
// A page of the book or of this list that is not written yet is no reason to have no site.
const planned = (url) => /^(\.\.?\/)*\d\d-[a-z0-9-]+$/.test(url) || REFERENCE.includes(url.replace(/^(\.\.?\/)*/, ""));

/** The entry of a page in the sidebar: the title is the first heading of the page. */
function entry(page) {
    const heading = /^# (.*)$/m.exec(readFileSync(join(DOCS, page + ".md"), "utf8"));
    const number = /^(\d\d)-/.exec(page)?.[1];
    const title = (heading?.[1] ?? page).replaceAll("`", "");
    return { text: number && !/^\d/.test(title) ? `${number} ${title}` : title, link: `/${page}` };
}

const pages = (folder, pattern) => readdirSync(join(DOCS, folder)).filter((name) => pattern.test(name))
    .sort().map((name) => join(folder, name.replace(/\.md$/, "")));
const book = pages("", /^\d\d-.*\.md$/).map(entry);
const reference = [...pages("reference", /\.md$/),
    ...REFERENCE.filter((page) => existsSync(join(DOCS, page + ".md")))].map(entry);

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
    ignoreDeadLinks: [planned],
    head: [["link", { rel: "icon", href: "data:," }]],
    markdown: { languageAlias: { nasm: "asm", ld: "c" }, config: sourceLinks },
    transformPageData(page) {
        // The machine takes the whole width. The page itself says nothing of this, as it would show.
        if (page.relativePath === "step-in-browser.md")
            Object.assign(page.frontmatter, { sidebar: false, aside: false, outline: false,
                pageClass: "machine-page" });
    },
    themeConfig: {
        nav: [
            ...(book.length ? [{ text: "Book", link: book[0].link }] : []),
            { text: "Step in the browser", link: "/step-in-browser" },
            { text: "Reference", link: reference[0].link },
            { text: "Source", link: "/source/index.html", target: "_self" },
        ],
        sidebar: [
            { text: "Start", items: [{ text: "Ascent", link: "/" },
                { text: "Step in the browser", link: "/step-in-browser" }] },
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

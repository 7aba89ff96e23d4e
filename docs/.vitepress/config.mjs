// config.mjs: docs/ as a web site. The pages stay plain Markdown that any code host shows; all that
// only the site knows is said here. SITE_BASE is the folder on the server, / unless told otherwise.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitepress";
import { machineHere } from "./machine-here.mjs";
import { ROOT, sourceLink } from "./source-pages.mjs";

const DOCS = join(ROOT, "docs");
const OUT = process.env.SITE_OUT ?? join(ROOT, "build/site");
const PUBLIC = process.env.SITE_PUBLIC ?? join(ROOT, "build/site-public");
// Where the site is published, with a slash at its end; empty when nobody has said.
const SITE_URL = (process.env.SITE_URL ?? "").replace(/([^/])$/, "$1/");

// Pages without a sidebar, with their class in theme/style.css.
const WIDE = { "index.md": "machine-page home-page", "step-in-browser.md": "machine-page",
    "boot-sector.md": "machine-page" };

// In this order; a page that is not named comes last.
const ORDER = ["architecture", "other-kernels", "glossary", "sdm-index", "source-index", "errata", "statements",
    "fault-gallery", "debugging", "performance", "real-hardware", "publishing", "troubleshooting"];

/** The entry of a page in the sidebar: the title is the first heading of the page. */
function entry(page) {
    const heading = /^# (.*)$/m.exec(readFileSync(join(DOCS, page + ".md"), "utf8"));
    return { text: (heading?.[1] ?? page).replaceAll("`", ""), link: `/${page}` };
}

const pages = (folder, pattern) => existsSync(join(DOCS, folder)) ? readdirSync(join(DOCS, folder))
    .filter((name) => pattern.test(name)).sort().map((name) => join(folder, name.replace(/\.md$/, ""))) : [];
const there = (names) => names.filter((name) => existsSync(join(DOCS, name + ".md")));
const start = there(["step-in-browser", "boot-sector", "labs", "what-next"]);
const book = pages("", /^\d\d-.*\.md$/).map(entry);
const teaching = pages("teaching", /\.md$/).map(entry);
const others = pages("", /\.md$/).filter((page) => !/^(\d\d-|index$)/.test(page) && !start.includes(page));
const place = (page) => (ORDER.indexOf(page) + 1) || ORDER.length + 1;
const reference = [...pages("reference", /\.md$/), ...others.sort((a, b) => place(a) - place(b))].map(entry);

// Of these all colours can be read on the blocks' backgrounds, light and dark (WCAG 2.1, success criterion 1.4.3).
const CODE = { light: "github-light-high-contrast", dark: "github-dark-high-contrast" };

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
    markdown: { languageAlias: { nasm: "asm", ld: "c" }, theme: CODE, config: (markdown) => markdown.use(sourceLinks).use(machineHere) },
    transformPageData(page) {
        // The machine takes the whole width. The page itself says nothing of this, as it would show.
        if (page.relativePath in WIDE)
            Object.assign(page.frontmatter, { sidebar: false, aside: false, outline: false,
                pageClass: WIDE[page.relativePath] });
    },
    transformHead: ({ page }) => SITE_URL && page !== "404.md"
        ? [["link", { rel: "canonical", href: SITE_URL + page.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, ".html") }]] : [],
    themeConfig: {
        nav: [
            { text: "Book", link: book[0].link },
            { text: "Step in the browser", link: "/step-in-browser" },
            ...there(["boot-sector"]).map((page) => ({ text: "Write a boot sector", link: `/${page}` })),
            ...there(["labs"]).map((page) => ({ text: "Labs", link: `/${page}` })),
            { text: "Reference", link: reference[0].link },
            { text: "Source", link: "/source/index.html", target: "_self" },
        ],
        sidebar: [
            { text: "Start", items: [{ text: "Ascent", link: "/" }, ...start.map(entry)] },
            { text: "The book", items: book },
            ...teaching.length ? [{ text: "For teachers", items: teaching }] : [],
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

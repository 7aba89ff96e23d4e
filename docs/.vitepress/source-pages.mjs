// source-pages.mjs: a web page for each source file that the book links to, with an anchor for each
// line, so that the site needs no code host. `node source-pages.mjs FOLDER` writes them; the site's
// configuration takes from here where a link to a source file leads.
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const TOPS = ["Makefile", "disk.img.mk", "checkpoint.mk", "book.mk", "site.mk", "README.md", "CHANGELOG.md",
    "CONTRIBUTING.md", "LICENSE", "stage1",
    "stage2", "fat", "kernel", "include", "linker", "user", "scripts", "bench", "tests", "labs", "levels",
    ".github/workflows/site.yml", ".github/workflows/test.yml", ".ci/run",
    "docs/examples", "docs/transcript.txt", "docs/figures/run.json", "docs/package.json", "docs/teaching/questions.toml"];
// A lab's hidden tests are the teacher's.
const SKIPPED = /(^|\/)(node_modules|__pycache__|\..*)$|^labs\/[^/]+\/hidden$|\.(pyc|png|img|bin)$/;

function list(path) {
    if (SKIPPED.test(path) && !TOPS.includes(path)) return [];
    const stat = statSync(join(ROOT, path), { throwIfNoEntry: false });
    if (!stat) return [];
    if (!stat.isDirectory()) return [path];
    return readdirSync(join(ROOT, path)).sort().flatMap((name) => list(posix.join(path, name)));
}

/** All source files, as paths from the root of the repository. */
export const SOURCES = TOPS.flatMap(list);

const lengths = new Map();
function lines(path) {
    if (!lengths.has(path)) lengths.set(path, text(path).split("\n").length);
    return lengths.get(path);
}

const text = (path) => readFileSync(join(ROOT, path), "utf8").replace(/\n$/, "");

/**
 * Where a link of the page `page` (a path below docs/) leads on the site, relative to the page; null
 * when it is not a link to a source file. A file or a line that is not there is an error.
 */
export function sourceLink(page, href) {
    if (/^[a-z]+:|^[#/]/.test(href)) return null;
    const [file, anchor = ""] = href.split("#");
    const path = posix.normalize(posix.join("docs", posix.dirname(page), decodeURI(file)));
    const inDocs = path.startsWith("docs/");
    const up = "../".repeat(page.split("/").length - 1) + "source/";
    if (SOURCES.includes(path)) {
        const line = /^L(\d+)/.exec(anchor)?.[1];
        if (line > lines(path)) throw new Error(`${page}: ${path} has no line ${line}`);
        return `${up}${path}.html${line ? "#L" + line : ""}`;
    }
    if (inDocs && (path.endsWith(".md") || !SOURCES.some((s) => s.startsWith(path + "/")))) return null;
    const folder = path.replace(/\/$/, "");
    if (SOURCES.some((source) => source.startsWith(folder + "/"))) return `${up}index.html#${folder}`;
    throw new Error(`${page}: dead link ${href}`);
}

const language = (path) => ({ c: "c", h: "c", def: "c", asm: "asm", mk: "make", ld: "c", py: "python",
    sh: "shellscript", mjs: "javascript", js: "javascript", json: "json", md: "markdown",
    toml: "toml", yml: "yaml" })[path.split(".").pop()] ??
    (path.endsWith("Makefile") ? "make" : /^#!.*python/.test(text(path)) ? "python" :
        /^#!.*sh/.test(text(path)) ? "shellscript" : "text");

const STYLE = `
:root { color-scheme: light; --text: #24292f; --back: #fff; --faint: #6a737d; --mark: #fff3c4; --link: #0b57b0 }
.dark { color-scheme: dark; --text: #e3e8ee; --back: #1b1b1f; --faint: #98a1ac; --mark: #4a3f10; --link: #79b8ff }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
header, main.index { padding: 12px 16px }
header { border-bottom: 1px solid var(--faint) }
h1 { font-size: 18px; margin: 4px 0 0 }
a { color: var(--link) }
pre { margin: 0; padding: 12px 0; overflow-x: auto; font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; tab-size: 8; background: var(--back) !important }
code { display: inline-block; min-width: 100% }
.line { display: inline-block; min-width: 100%; box-sizing: border-box; padding-right: 16px; scroll-margin-top: 30vh }
.line > a { display: inline-block; width: 4em; margin-right: 1.5em; text-align: right; color: var(--faint); text-decoration: none; user-select: none }
.line:target { background: var(--mark); box-shadow: inset 4px 0 #d39e00 }
.shiki { color: var(--text) }
:root { --shiki-token-keyword: #cf222e; --shiki-token-function: #6639ba; --shiki-token-string: #0a3069;
    --shiki-token-string-expression: #0a3069; --shiki-token-constant: #0550ae; --shiki-token-parameter: #953800;
    --shiki-token-comment: #57606a; --shiki-token-punctuation: var(--text); --shiki-token-link: var(--link); --shiki-foreground: var(--text) }
.dark { --shiki-token-keyword: #ff8a82; --shiki-token-function: #d2a8ff; --shiki-token-string: #a5d6ff;
    --shiki-token-string-expression: #a5d6ff; --shiki-token-constant: #79c0ff; --shiki-token-parameter: #ffa657;
    --shiki-token-comment: #9ba5b0 }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 1px }
li { margin: 2px 0 }`;

// The reader's choice of light or dark, as the other pages keep it.
const APPEARANCE = `const a = localStorage.getItem("vitepress-theme-appearance") || "auto";
document.documentElement.classList.toggle("dark", a === "dark" || a === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);`;

const html = (title, up, body) => `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} | Ascent</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
<script>${APPEARANCE}</script>
<header><a href="${up}../index.html">Ascent</a> / <a href="${up}index.html">source</a><h1>${title}</h1></header>
${body}
</html>
`;

async function write(folder) {
    const { createCssVariablesTheme, createHighlighter } = await import("shiki");
    // One theme whose colours STYLE names, light and dark: with two, each file would be read twice.
    const theme = createCssVariablesTheme();
    const shiki = await createHighlighter({ themes: [theme],
        langs: ["c", "asm", "make", "python", "shellscript", "javascript", "json", "markdown", "toml", "yaml"] });
    const number = {
        line(node, line) {
            node.properties.id = "L" + line;
            node.children.unshift({ type: "element", tagName: "a", properties: { href: "#L" + line },
                children: [{ type: "text", value: String(line) }] });
        },
        pre(node) { node.properties.tabindex = "0"; },
    };
    const put = (path, content) => {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), content);
    };
    for (const path of SOURCES) {
        const body = shiki.codeToHtml(text(path), { lang: language(path), transformers: [number], theme: theme.name });
        put(path + ".html", html(path, "../".repeat(path.split("/").length - 1), `<main>${body}</main>`));
    }
    let index = "", last;
    for (const path of SOURCES) {
        const top = posix.dirname(path);
        if (top !== last) index += `${last === undefined ? "" : "</ul>"}<h2 id="${top}">${top}/</h2><ul>`;
        last = top;
        index += `<li><a href="${path}.html">${posix.basename(path)}</a></li>\n`;
    }
    put("index.html", html("The source", "", `<main class="index">${index}</ul></main>`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await write(process.argv[2]);

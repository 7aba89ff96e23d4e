// links.mjs: does each link of the pages to a source file lead to one that the site has, and to a line that
// is there? Prints those that do not.
import { readFileSync, readdirSync } from "node:fs";
import { sourceLink } from "../../docs/.vitepress/source-pages.mjs";

const DOCS = new URL("../../docs/", import.meta.url);
const pages = readdirSync(DOCS, { recursive: true }).filter((name) => name.endsWith(".md") && !/node_modules|^examples/.test(name));
for (const page of pages) {
    for (const [, href] of readFileSync(new URL(page, DOCS), "utf8").matchAll(/\]\(([^)\s]+)\)/g)) {
        try {
            sourceLink(page, href);
        } catch (error) {
            console.log(error.message);
        }
    }
}

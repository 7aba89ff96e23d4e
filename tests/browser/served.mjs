// served.mjs: the site on a port of this machine, and Chromium to look at it with.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { chromium } = createRequire(new URL("../../docs/package.json", import.meta.url))("playwright-core");
const TYPES = { html: "text/html", js: "text/javascript", mjs: "text/javascript", css: "text/css", json: "application/json",
    wasm: "application/wasm", svg: "image/svg+xml", png: "image/png" };

/** Serves a folder as any server of plain files does. Returns the address of its root. */
async function serveFolder(site) {
    const server = createServer((request, response) => {
        let path = join(site, decodeURI(new URL(request.url, "http://x").pathname));
        if (existsSync(path) && statSync(path).isDirectory()) path = join(path, "index.html");
        if (!existsSync(path)) return response.writeHead(404).end();
        response.writeHead(200, { "content-type": TYPES[path.split(".").pop()] ?? "application/octet-stream" });
        response.end(readFileSync(path));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${server.address().port}/`;
}

/** { root, open(options), elsewhere, missing }: a page in a browser of its own, as nobody has used before; addresses
 * asked for that are not of the site, or not there. `site`: a folder, or the address of one that is served. */
export async function serve(site) {
    const root = site.startsWith("http:") ? site : await serveFolder(site);
    const elsewhere = [], missing = [];

    async function open(options = {}) {
        const profile = mkdtempSync(join(tmpdir(), "ascent-browser-"));
        const context = await chromium.launchPersistentContext(profile, {
            executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, viewport: { width: 1280, height: 720 },
            args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--no-first-run", "--disable-quic"], ...options });
        const page = context.pages()[0];
        page.profile = profile;
        page.setDefaultTimeout(60000);
        page.on("request", (request) => {
            if (!request.url().startsWith(root) && !/^(data|blob):/.test(request.url())) elsewhere.push(request.url());
        });
        page.on("response", (response) => { if (response.status() >= 400) missing.push(response.url()); });
        page.done = async () => {
            await context.close();
            rmSync(profile, { recursive: true, force: true });
        };
        return page;
    }
    return { root, open, elsewhere, missing };
}

/** Contrast of an element's text with what is behind it (WCAG 2.1, success criterion 1.4.3). */
export const contrast = (page, selector) => page.locator(selector).first().evaluate((element) => {
    const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
    const luminance = (colour) => {
        const [r, g, b] = colour.map((c) => c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    let behind = element, opacity = 1; // what shines through is what lies behind
    for (let one = element; one; one = one.parentElement) opacity *= getComputedStyle(one).opacity;
    while (behind.parentElement && (channels(getComputedStyle(behind).backgroundColor)[3] ?? 1) < 1) behind = behind.parentElement;
    const back = channels(getComputedStyle(behind).backgroundColor);
    const text = channels(getComputedStyle(element).color).map((c, index) => c * opacity + back[index] * (1 - opacity));
    const [low, high] = [luminance(text), luminance(back)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
});

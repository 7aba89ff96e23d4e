// site.mjs SITE SCENARIO: the first page, the chapters, links to a step, and how long a reader waits.
// Exit status 0 when all was as it should be.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { loadavg } from "node:os";
import { contrast, forgetMissing, noSideways, open, phase, PHONE, root, run, stoppedAt, text } from "./browser.mjs";

// From the request of the page to the machine at step 1: milliseconds, where nothing else runs; of the
// processor; and bytes that come over the network, of which 8 s at 1.6 Mbit/s have 1,600,000.
const FIRST_STOP = 2000, FIRST_STOP_SLOW = 8000, PROCESSOR = 4500, BYTES = 1_150_000;
const SLOW = { offline: false, latency: 100, downloadThroughput: 1.6e6 / 8, uploadThroughput: 1.6e6 / 8 };

/** Nothing of the machine is loaded before the reader asks for it. */
function requestsOf(page) {
    const names = [];
    page.on("request", (request) => names.push(new URL(request.url()).pathname));
    return () => names.filter((name) => name.includes("/machine/"));
}

/** Milliseconds of the processor that this browser's processes have used. */
function processorTime(page) {
    const TICK = 10; // ms, the kernel's USER_HZ
    const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((pid) => {
        try {
            return [readFileSync(`/proc/${pid}/cmdline`, "utf8"), readFileSync(`/proc/${pid}/stat`, "utf8")];
        } catch { // it has ended meanwhile
            return ["", ""];
        }
    });
    return processes.filter(([command]) => command.includes(page.profile)).reduce((sum, [, stat]) => {
        const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).map(Number);
        return sum + (user + system) * TICK;
    }, 0);
}

/** What it takes from the request of the page to the first stop: {wall, processor} in ms, {bytes}. */
async function firstStop(network) {
    const page = await open();
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    if (network) await session.send("Network.emulateNetworkConditions", network);
    let bytes = 0;
    const rest = new Set(); // of the disk: it comes while the machine already runs
    session.on("Network.requestWillBeSent", ({ requestId, request }) => { if (/-1\.bin/.test(request.url)) rest.add(requestId); });
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => { if (!rest.has(requestId)) bytes += encodedDataLength; });
    await page.addInitScript(() => new MutationObserver(() => {
        window.barSeen ||= document.querySelector(".loading progress")?.value > 0;
        if (document.querySelector('.machine[data-phase="stopped"]')) window.stopped ??= performance.now();
    }).observe(document, { subtree: true, childList: true, attributes: true }));
    const before = processorTime(page);
    await page.goto(root + "step-in-browser.html", { waitUntil: "commit" });
    const wall = await (await page.waitForFunction(() => window.stopped)).jsonValue();
    const measured = { wall: Math.round(wall), processor: processorTime(page) - before, bytes };
    assert.ok(await page.evaluate(() => window.barSeen), "no bar while it loads");
    await page.done();
    return measured;
}

/** A word of each colour that the blocks of code have. */
function coloursOfCode(page) {
    return page.evaluate(() => [".vp-doc [class*='language-'] > .lang", ".vp-doc [class*='language-'] code span"].flatMap((selector) => {
        const known = new Set();
        return [...document.querySelectorAll(selector)].flatMap((element, index) => {
            const { color } = getComputedStyle(element);
            return element.textContent.trim() && known.size < known.add(color).size ? [{ selector, index }] : [];
        });
    }));
}

const scenarios = {
    /** One click, and the machine stands at the step that the first page shows; a second breaks it. */
    async home() {
        const page = await open({ viewport: { width: 1280, height: 720 } });
        const machineFiles = requestsOf(page);
        await page.goto(root);
        await page.waitForLoadState("networkidle");
        assert.match(await text(page, ".machine-here .still"), /Step 9 of 25: pe-set/);
        const box = await page.locator(".machine-here .open").boundingBox();
        assert.ok(box.height >= 56 && box.y + box.height <= 720, "the button is below the fold");
        assert.deepEqual(machineFiles(), []);
        await page.click(".machine-here .open");
        await stoppedAt(page, 9);
        await page.click(".break");
        await phase(page, "asked");
        await page.click("[data-answer=reset]");
        await page.click(".controls .next");
        await phase(page, "reset");
        await page.done();
    },

    /** A chapter reads without the machine. It comes at its step, has the keys while it has the focus, and goes. */
    async chapter() {
        const page = await open({ viewport: { width: 1280, height: 720 } });
        const machineFiles = requestsOf(page);
        await page.goto(root + "14-identity-and-higher-half.html");
        await page.waitForLoadState("networkidle");
        assert.deepEqual(machineFiles(), []);
        assert.match(await text(page, ".machine-here .still"), /Step 14 of 25: pg-set/);
        await page.locator(".machine-here .open").first().focus();
        await page.keyboard.press("Enter");
        await stoppedAt(page, 14);
        await page.waitForSelector(".machine:not(.travelling)");
        assert.match(await page.evaluate(() => document.activeElement.className), /next/);
        await page.keyboard.press("ArrowRight");
        await stoppedAt(page, 15);
        await page.evaluate(() => document.activeElement.blur());
        await page.keyboard.press("ArrowRight"); // the page's own: nothing here
        await page.waitForTimeout(300);
        await stoppedAt(page, 15);
        await page.locator(".machine-here .open").first().click(); // the next one: there is one machine at a time
        await stoppedAt(page, 15);
        assert.equal(await page.locator(".machine").count(), 1);
        await noSideways(page);
        await page.click(".machine-here .close");
        assert.equal(await page.locator(".machine").count(), 0);
        await page.done();
    },

    /** A program and a command of the monitor, from the page that shows what they say. */
    async commands() {
        const page = await open({ viewport: { width: 1280, height: 720 } });
        for (const [address, wanted] of [["step-in-browser.html#run=cow", "the last owner needs no copy"],
            ["step-in-browser.html#monitor=va2pa%20c0100000", "physical 00100000"]]) {
            await page.goto("about:blank");
            await page.goto(root + address);
            await page.waitForFunction((text) => document.querySelector(".whole .vga pre")?.innerText.includes(text), wanted);
        }
        await page.done();
    },

    /** A link leads to its step, the address follows the machine, and its copy leads there again. */
    async links() {
        const page = await open();
        await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
        await page.goto(root + "step-in-browser.html#step=9&break");
        await phase(page, "asked");
        assert.equal(await page.evaluate(() => location.hash), "#step=9&break");
        await page.click(".back");
        await stoppedAt(page, 9);
        await page.waitForFunction(() => location.hash === "#step=9");
        await page.click(".next");
        await page.waitForFunction(() => location.hash === "#step=10");
        await page.click(".share");
        await page.waitForSelector("text=Link copied");
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), root + "step-in-browser.html#step=10");
        await page.evaluate(() => { location.hash = "#step=3"; });
        await stoppedAt(page, 3);
        for (const wrong of ["#step=0", "#step=99", "#step=x"]) {
            await page.goto("about:blank");
            await page.goto(root + "step-in-browser.html" + wrong);
            await stoppedAt(page, wrong === "#step=99" ? 25 : 1);
        }
        for (const wrong of ["?image=../disk", "?image=http://elsewhere/x"]) {
            await page.goto("about:blank");
            await page.goto(root + "step-in-browser.html" + wrong);
            assert.match(await text(page, ".banner.bad"), /is no name of an image/);
        }
        await page.done();
    },

    /** Another image beside disk.img; one that is not there is named. */
    async image() {
        const page = await open();
        const answer = (body) => (route) => route.fulfill({ body });
        const names = [];
        for (const suffix of [".json", "-0.bin.gz", "-1.bin.gz"]) {
            const there = await (await fetch(`${root}machine/disk${suffix}`)).arrayBuffer();
            const text = suffix === ".json" ? Buffer.from(there).toString().replaceAll("disk-", "lab-") : Buffer.from(there);
            await page.route(`**/machine/lab${suffix}`, (route) => { names.push(suffix); return answer(text)(route); });
        }
        await page.goto(root + "step-in-browser.html?image=lab#step=6");
        await stoppedAt(page, 6);
        assert.deepEqual(names, [".json", "-0.bin.gz", "-1.bin.gz"]);
        await page.click(".next");
        await page.waitForFunction(() => location.search + location.hash === "?image=lab#step=7");
        await page.route("**/machine/none.json", (route) => route.fulfill({ status: 404 }));
        await page.goto(root + "step-in-browser.html?image=none");
        assert.match(await text(page, ".banner.bad"), /none\.json: 404/);
        forgetMissing("none.json");
        await page.done();
    },

    /** The connection breaks while the rest of the disk comes: the page says so, and goes on when it is back. */
    async lost() {
        const page = await open();
        let broken = true;
        await page.route("**/machine/disk-1.bin.gz", (route) => broken ? route.abort() : route.continue());
        await page.goto(root + "step-in-browser.html#step=6");
        await phase(page, "lost");
        assert.match(await text(page, ".banner.bad"), /The rest of the disk did not come/);
        broken = false;
        await page.click(".back");
        await page.waitForSelector('.machine[data-phase="stopped"]');
        await page.click('.rail button[aria-label^="Step 6,"]');
        await stoppedAt(page, 6);
        await page.done();
    },

    /** A server that unpacks .gz files itself, as some do. */
    async unpacked() {
        const page = await open();
        await page.route("**/*.gz", async (route) => {
            const response = await route.fetch();
            await route.fulfill({ response, headers: { ...response.headers(), "content-encoding": "gzip" } });
        });
        await page.goto(root + "step-in-browser.html");
        await stoppedAt(page, 1);
        await page.done();
    },

    /** How long a reader waits, here and at 1.6 Mbit/s. The wall's clock counts only on a machine that is not busy. */
    async waiting() {
        const idle = loadavg()[0] < 1;
        for (const [name, network, limit] of [["here", null, FIRST_STOP], ["at 1.6 Mbit/s", SLOW, FIRST_STOP_SLOW]]) {
            const { wall, processor, bytes } = await firstStop(network);
            console.log(`first stop ${name}: ${wall} ms, processor ${processor} ms, ${bytes} bytes`);
            assert.ok(bytes <= BYTES, `${bytes} bytes`);
            if (!network) assert.ok(processor <= PROCESSOR, `${processor} ms of the processor`);
            if (idle) assert.ok(wall <= limit, `${name}: ${wall} ms`);
        }
    },

    /** All text of the first page and of a chapter can be read, light and dark, and fits a telephone. */
    async colours() {
        for (const colorScheme of ["light", "dark"]) {
            const page = await open({ colorScheme, viewport: PHONE });
            for (const address of ["", "09-cr0-pe-and-the-far-jump.html"]) {
                await page.goto(root + address);
                await noSideways(page);
                for (const selector of ["h1", "p", "p a", "th", ".machine-here .open", ".machine-here .still code span"])
                    if (await page.locator(".vp-doc " + selector).count()) {
                        const ratio = await contrast(page, ".vp-doc " + selector);
                        assert.ok(ratio >= 4.5, `${colorScheme} ${address} ${selector}: ${ratio.toFixed(2)}`);
                    }
                for (const { selector, index } of await coloursOfCode(page)) {
                    const ratio = await contrast(page, `${selector} >> nth=${index}`);
                    assert.ok(ratio >= 4.5, `${colorScheme} ${address} ${selector} ${index}: ${ratio.toFixed(2)}`);
                }
            }
            await page.done();
        }
    },
};

await run(scenarios);

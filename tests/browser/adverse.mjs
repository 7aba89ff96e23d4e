// adverse.mjs SITE SCENARIO: readers who are in a hurry, mistype, or have a bad network or two windows.
// Exit status 0 when all was as it should be.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { levels } from "../../levels/levels.mjs";
import { goTo, open, phase, root, run, start, stoppedAt, text } from "./browser.mjs";

const solution = (number) => readFileSync(new URL(`../../levels/${levels[number - 1].folder}/solution.asm`, import.meta.url), "utf8");
const goToHash = (page, hash) => page.evaluate((to) => { location.hash = to; }, hash);
const SILENCE = 31000; // ms: driver.js gives up when nothing is said for so long

/** Import of a file. */
async function bring(page, name, content) {
    const file = join(mkdtempSync(join(tmpdir(), "ascent-import-")), name);
    writeFileSync(file, content);
    await page.setInputFiles(".import input", file);
    rmSync(dirname(file), { recursive: true });
}

async function level(number, page) {
    page ??= await open();
    await page.goto(`${root}boot-sector.html#level=${number}`);
    await phase(page, "ready");
    return page;
}

const scenarios = {
    /** Another image: a name that is none, a file of a site's own, or one that is not all there. */
    async images() {
        const page = await open();
        for (const [name, says] of [["lab3.img", /"lab3\.img" is no name of an image/], ["../secret", /no name of an image/],
            ["http://127.0.0.1:9/x", /no name of an image/], ["", /no name of an image/]]) {
            await page.goto(`${root}step-in-browser.html?image=${encodeURIComponent(name)}#step=2`);
            await page.reload(); // another query alone is another page, another hash is not
            await page.waitForSelector(".machine .banner.bad");
            assert.match(await text(page, ".banner.bad"), says);
        }
        const files = { "-0.bin.gz": null, "-1.bin.gz": null };
        for (const suffix of Object.keys(files)) files[suffix] = Buffer.from(await (await fetch(`${root}machine/disk${suffix}`)).arrayBuffer());
        const layout = (await (await fetch(`${root}machine/disk.json`)).text()).replaceAll("disk-", "odd-");
        let odd = {};
        await page.route("**/machine/odd*", (route) => {
            const suffix = route.request().url().split("/odd")[1];
            return route.fulfill({ body: odd[suffix] ?? (suffix === ".json" ? layout : files[suffix]) });
        });
        for (const [what, state, says] of [
            [{ ".json": "<!doctype html><p>Please log in" }, "", /odd\.json/],
            [{ "-0.bin.gz": "<!doctype html><p>Please log in" }, "", /odd-0\.bin: 31 bytes, and not/],
            [{ "-0.bin.gz": files["-0.bin.gz"].subarray(0, 1000) }, "", /odd-0\.bin/],
            [{ "-1.bin.gz": "<!doctype html><p>Please log in" }, "lost", /odd-1\.bin: 31 bytes, and not/],
            [{ "-1.bin.gz": files["-1.bin.gz"].subarray(0, 1000) }, "lost", /odd-1\.bin/]]) {
            odd = what;
            await page.goto(root + "step-in-browser.html?image=odd#step=6");
            await page.reload();
            await page.waitForSelector(".machine .banner.bad");
            assert.match(await text(page, ".machine .banner.bad"), says);
            if (state) await phase(page, state);
        }
        await page.done();
    },

    /** Links that are followed while the machine is on its way, and Restart on the way. */
    async hurry() {
        const page = await open();
        await page.goto(root + "step-in-browser.html#step=20");
        await phase(page, "running");
        await goToHash(page, "step=4");
        await stoppedAt(page, 4);
        await goToHash(page, "step=23");
        await page.waitForSelector('.machine[data-phase="running"]');
        await goToHash(page, "step=9&break");
        await phase(page, "asked");
        assert.equal(await page.getAttribute(".machine", "data-step"), "9");
        await page.goBack();
        await stoppedAt(page, 23);
        await page.click(".restart");
        await stoppedAt(page, 1);
        await goToHash(page, "step=22");
        await page.waitForSelector('.machine[data-phase="running"]');
        await page.click(".restart");
        await stoppedAt(page, 1);
        await page.waitForTimeout(SILENCE);
        assert.equal(await page.getAttribute(".machine", "data-step"), "1", "goes on to where nobody wants to go any more");
        for (const odd of ["step=0", "step=abc", "step=-3", "step=1e9", "nonsense", "step=4&step=7"]) await goToHash(page, odd);
        await goToHash(page, "step=99");
        await stoppedAt(page, 25);
        await goToHash(page, "step=25&break"); // nothing to break there
        await page.waitForTimeout(500);
        await stoppedAt(page, 25);
        await page.done();
    },

    /** What to expect is asked where it can be seen, on a telephone too. */
    async asked() {
        const page = await start({ viewport: { width: 390, height: 844 }, hasTouch: true });
        await goTo(page, 14);
        await page.evaluate(() => scrollTo(0, 0));
        await page.click(".controls .break");
        await phase(page, "asked");
        await page.waitForTimeout(300);
        for (const answer of await page.locator("[data-answer]").all()) {
            const { y, height } = await answer.boundingBox();
            assert.ok(y >= 0 && y + height <= 844, `${await answer.innerText()} is at ${y}`);
        }
        await page.done();
    },

    /** Two windows with the levels: each keeps the other's work. What lies in the browser may be no work at all. */
    async windows() {
        const page = await level(1);
        const other = await level(2, await page.context().newPage());
        await page.fill(".editor textarea", solution(1));
        await other.fill(".editor textarea", solution(2));
        await page.click(".boot");
        await page.waitForSelector(".workshop[data-passed=true]");
        await other.click(".boot");
        await other.waitForSelector(".workshop[data-passed=true]");
        await other.reload();
        await phase(other, "ready");
        assert.equal(await other.locator(".levels .done").count(), 2);
        await other.click(".levels button[aria-label^='Level 1,']");
        assert.equal(await other.inputValue(".editor textarea"), solution(1));
        for (const odd of ["null", "[]", "7", "{", '{"sources":null,"passed":3}', '{"passed":[1]}']) {
            await other.evaluate((value) => localStorage.setItem("ascent-boot-sector", value), odd);
            await other.reload();
            await phase(other, "ready");
            await other.click(".levels button[aria-label^='Level 3,']");
            assert.match(await other.inputValue(".editor textarea"), /Level 3/, odd);
        }
        await page.done();
    },

    /** A source that NASM comes to no end with: the page stays alive, says so, and works again. */
    async endless() {
        const page = await level(1);
        await page.fill(".editor textarea", "%assign i 0\n%rep 900000\n%assign i i+1\n%endrep\n");
        await page.click(".boot");
        await phase(page, "busy");
        let ticks = 0;
        const deadline = Date.now() + 2000;
        while (Date.now() < deadline) ticks += await page.evaluate(() => 1);
        assert.ok(ticks > 20, "the page does not answer");
        assert.ok(await page.locator(".import input").isDisabled());
        assert.equal(await page.getAttribute(".editor textarea", "readonly"), "");
        await page.waitForSelector(".workshop[data-passed=false]");
        assert.match(await text(page, ".result"), /NASM came to no end with this/);
        await bring(page, "level-01.asm", "nop\n".repeat(20000) + "print\n".repeat(500));
        await page.click(".boot");
        await page.waitForSelector(".workshop[data-passed=false]");
        assert.match(await text(page, ".result"), /and 4\d\d more/);
        await page.fill(".editor textarea", solution(1));
        await page.click(".boot");
        await page.waitForSelector(".workshop[data-passed=true]");
        await page.done();
    },

    /** Levels by their addresses; files of any kind. */
    async level() {
        const page = await level(3);
        await goToHash(page, "level=5");
        await page.waitForSelector('.workshop[data-level="5"]');
        await page.goBack();
        await page.waitForSelector('.workshop[data-level="3"]');
        await goToHash(page, "level=13");
        assert.equal(await page.getAttribute(".workshop", "data-level"), "3");
        await bring(page, "level-99.asm", "");
        assert.equal(await page.inputValue(".editor textarea"), "");
        await page.click(".boot");
        assert.match(await text(page, ".result .banner"), /0 bytes, and not 512/);
        await bring(page, "level-03.asm", Buffer.from(Array.from({ length: 3000 }, (_, at) => at & 255)));
        await page.click(".boot");
        await page.waitForSelector(".workshop[data-passed=false]");
        await bring(page, "level-03.asm", "\ufeff" + solution(3).replaceAll("\n", "\r\n"));
        await page.click(".boot");
        await page.waitForSelector(".workshop[data-passed=true]");
        await page.done();
    },
};

await run(scenarios);

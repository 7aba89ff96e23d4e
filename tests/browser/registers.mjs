// registers.mjs SITE: boots disk.img in v86 and prints a line of JSON for each stop: what the guest
// says of its registers, what v86 says of them, and the tables and the map as the page shows them.
import { machineOf } from "./machine.mjs";
import { rowChanged } from "../../docs/.vitepress/theme/machine/descriptors.js";
import { usedSince } from "../../docs/.vitepress/theme/machine/paging.js";

const machine = await machineOf(process.argv[2]);
await machine.start();
while (machine.phase === "stopped") {
    const { number, registers, cpu, gdt, idt, paging, map } = machine.view;
    const before = machine.stops[number - 1]?.view;
    const news = (table, old) => table.filter((row, index) => rowChanged(row, old?.[index])).map((row) => row.vector ?? row.selector);
    const used = paging && before?.paging ? usedSince(paging.entries, before.paging.entries) : [];
    const entries = paging && [...paging.entries.values()].map(({ slot, value, path }) => [slot, String(value), path]);
    console.log(JSON.stringify({ number, registers, cpu, gdt, paging: paging && { ...paging, entries }, map, used,
        news: { gdt: news(gdt, before?.gdt), idt: news(idt, before?.idt) } }));
    await machine.next();
}
console.log(JSON.stringify({ phase: machine.phase }));
process.exit(0);

// registers.mjs SITE: boots disk.img in v86 and prints a line of JSON for each stop: what the guest
// says of its registers, what v86 says of them, and the tables and the map as the page shows them.
import { machineOf } from "./machine.mjs";

const machine = await machineOf(process.argv[2]);
await machine.start();
while (machine.phase === "stopped") {
    const { number, registers, cpu, gdt, paging, map } = machine.view;
    console.log(JSON.stringify({ number, registers, cpu, gdt, paging, map }));
    await machine.next();
}
console.log(JSON.stringify({ phase: machine.phase }));
process.exit(0);

# ascent.gdb: symbols of all three parts, and commands that know the two modes of the processor.
#
#   real, prot   take code for 16-bit or 32-bit; done by itself at each stop
#   where16      registers as a real-mode programmer sees them: segment:offset
#   gdt, idt, pd, pt ADDRESS, e820   as at the kernel's prompt, but at any time (commands.py)
#
# Break with hbreak: stage 1 and the loader write code into memory, over software breakpoints.
# Good places: *0x7c00, stage2_main, a20_enable, memory_detect, load_kernel, handover,
# handover_after_pg, kmain, monitor_main.

set confirm off
set pagination off
set disassembly-flavor intel
set print asm-demangle off
set breakpoint pending off

add-symbol-file build/stage1.elf
add-symbol-file build/stage2.elf
add-symbol-file build/kernel.elf

set osabi none
set $mode = 0

define real
  if $mode != 16
    set $mode = 16
    set architecture i8086
  end
end
document real
Take code for 16-bit code.
end

define prot
  if $mode != 32
    set $mode = 32
    set architecture i386
  end
end
document prot
Take code for 32-bit code.
end

# CS selects 32-bit code as soon as the far jump has loaded it: 08 is LOADER_CS and KERNEL_CS.
define hook-stop
  if ($cr0 & 1) == 0 || $cs != 8
    real
  else
    prot
  end
end

define where16
  printf "cs:ip %04x:%04x  ss:sp %04x:%04x  ds %04x  es %04x  ax %04x bx %04x cx %04x dx %04x\n", $cs, (unsigned)$eip & 0xffff, $ss, (unsigned)$esp & 0xffff, $ds, $es, $eax & 0xffff, $ebx & 0xffff, $ecx & 0xffff, $edx & 0xffff
end
document where16
Registers as a real-mode programmer sees them.
end

# Last, because a GDB without Python stops reading here.
python import sys; sys.path[:0] = ["scripts", "scripts/gdb"]; import commands

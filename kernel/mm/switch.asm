; switch.asm: paging_switch(), from the loader's page tables to PAE ones.
;
; Entered with paging on, at PAGE_OFFSET + physical. CR4.PAE says how wide every entry is, so it
; cannot change while the processor translates with the old width. So paging goes off, and for
; that the code must run where linear and physical address are the same: at its physical address,
; which the identity map of both tables covers. SDM 3A §4.1.2, §9.8.5.
; Chapter: docs/reference/memory-map.md.

%include "layout.inc"

CR0_PG equ 0x80000000

bits 32
section .text
global paging_switch

paging_switch:                          ; (uint32_t cr3, uint32_t cr4)
    mov eax, [esp + 4]                  ; read the stack while it is still mapped
    mov edx, [esp + 8]
    mov ecx, .identity - PAGE_OFFSET
    jmp ecx                             ; to the identity map

.identity:
    mov ecx, cr0
    and ecx, CR0_PG - 1
    mov cr0, ecx                        ; CR0.PG = 0: linear = physical; no stack from here
    jmp .paging_off                     ; near, relative: drops what was prefetched
.paging_off:
    mov cr4, edx                        ; CR4.PAE = 1
    mov cr3, eax                        ; the new root, not yet read
    or ecx, CR0_PG
    mov cr0, ecx                        ; CR0.PG = 1: the four root entries are read here
    mov ecx, .high
    jmp ecx                             ; back to PAGE_OFFSET + physical

.high:
    ret

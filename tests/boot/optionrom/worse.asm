; worse.asm: an option ROM that makes the BIOS worse, one way for each -D (modes.toml).
;
; SeaBIOS calls offset 3 while it starts, when its vectors are set up and the ROM can still be
; written to. The ROM hooks all that a loader calls. Each hook is the same four things: the registers
; of the call go into a frame on the stack; before_XX may answer in place of the BIOS; else the BIOS
; is called with the frame; after_XX and `spoil` change what it answered. A -D adds some lines to one
; of these, so any of them work together.
;
; The BIOS is made worse only when the boot sector runs: INT 19h is ours as well (boot.inc). The ROM
; is read-only by then: what must be remembered lies in the BIOS data area (STATE).

bits 16
org 0

%include "frame.inc"

        dw 0AA55h
        db ROM_BLOCKS           ; length in 512 bytes
        jmp init

init:
        pushad
        push es
        xor ax, ax
        mov es, ax
        mov di, STATE
        mov cx, STATE_BYTES
        cld
        rep stosb
        hook 10h, 10
        hook 12h, 12
        hook 13h, 13
        hook 14h, 14
        hook 15h, 15
        hook 16h, 16
        hook 1Ah, 1A
        mov word [es:19h * 4], boot
        mov [es:19h * 4 + 2], cs
        pop es
        popad
        retf

%include "call.inc"
%include "spoil.inc"
%include "disk.inc"
%include "memory.inc"
%include "console.inc"
%include "boot.inc"

        align 512, db 0
ROM_BLOCKS equ ($ - $$) / 512 + 1
        times 512 db 0          ; the last byte becomes the checksum

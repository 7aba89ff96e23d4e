; reader.asm: the fastest that INT 13h can be: a boot sector that reads READS times 127 sectors from
; FIRST on into the same 64 KB, and ends QEMU (isa-debug-exit). READS = 0: only the firmware's time.

bits 16
org 7C00h

        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 7000h
        mov [drive], dl
%if READS > 0
        mov cx, READS
next:
        push cx
        mov si, packet
        mov ah, 42h
        mov dl, [drive]
        int 13h
        jc failed
        pop cx
        add dword [lba], 127
        loop next
%endif
        mov al, 10h
        out 0F4h, al
failed: hlt
        jmp failed

drive:  db 0
        align 4
packet: db 16, 0
        dw 127
        dw 0, 2000h
lba:    dq FIRST

        times 510 - ($ - $$) db 0
        dw 0AA55h

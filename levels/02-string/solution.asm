; Level 2: a whole line. DS is not what you think.
org 0x7C00                      ; the BIOS loads the sector there
bits 16

    xor ax, ax
    mov ds, ax                  ; 0000:message
    cld                         ; lodsb goes up
    mov si, message
next:
    lodsb                       ; AL = byte at DS:SI, SI = SI + 1
    test al, al
    jz done
    mov ah, 0x0E
    xor bx, bx
    int 0x10
    jmp next
done:
    cli
    hlt

message: db "Hello from real mode", 0

times 510-($-$$) db 0
dw 0xAA55

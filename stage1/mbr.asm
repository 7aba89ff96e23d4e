; mbr.asm: stage 1, the boot sector.
;
; Entered by the BIOS in real mode at linear 7C00, DL = the drive it booted from; nothing else is
; certain. Reads stage 2 from the sectors behind it to 0000:8000 and jumps there with DL = drive.
; At most 440 bytes: the disk signature and the partition table follow. On failure it prints a
; code from include/ascent/errors.def on the screen and COM1, and stops.
; Chapter: docs/architecture.md, "Stage 1".

%include "layout.inc"
%include "errors.inc"

bits 16
section .text
global stage1_start
global stage1_main

; The drive number is the low byte of the DX that we push first: see ENTRY_STATE_ADDR.
%define DRIVE ENTRY_STATE_ADDR

EDD_TRIES equ 3
CHS_TRIES equ 3

stage1_start:
        jmp short stage1_main   ; step: mbr
        nop

; Bytes 3 to 59h look like a BIOS parameter block. Some BIOSes write into these bytes, or refuse a
; USB stick without plausible ones (geometry, media); so no code lies here. The number of FATs is
; 0, so that no operating system takes the whole disk for one FAT file system.
        db "ASCENT  "           ; OEM name
        dw SECTOR_SIZE          ; bytes per sector
        db 1                    ; sectors per cluster
        dw 1                    ; reserved sectors
        db 0                    ; FATs
        dw 0                    ; root directory entries
        dw 0                    ; total sectors, 16 bits
        db 0F8h                 ; media: fixed disk
        dw 0                    ; sectors per FAT
        dw 63                   ; sectors per track, as in the partition table
        dw 16                   ; heads
        dd 0                    ; hidden sectors
        dd 0                    ; total sectors, 32 bits
        times 5Ah - ($ - $$) db 0

stage1_main:
        mov bx, cs              ; how the BIOS entered us, for step 01
        mov cx, ss
        mov bp, sp
        jmp 0:.cs_is_zero       ; some BIOSes enter at 07C0:0000, not 0000:7C00
.cs_is_zero:
        xor ax, ax
        mov ss, ax              ; holds off interrupts until SP is set too (SDM 3A §6.8.3)
        mov sp, STAGE1_ADDR
        mov ds, ax
        mov es, ax
        push bx
        push cx
        push bp
        push dx                 ; also before INT 13h, which may lose DL
        sti                     ; INT 13h may need interrupts
        cld

; Read the header of stage 2. If the BIOS gave a wrong drive number, then it is not there: try the
; first hard disk before giving up.
find_stage2:
        mov si, STAGE2_LBA
        mov bx, STAGE2_ADDR
        call read_sector
        mov bp, read_error
        jc .wrong_drive
        mov bp, magic_error
        cmp dword [STAGE2_ADDR + STAGE2_HEADER_MAGIC], STAGE2_MAGIC
        je load_stage2
.wrong_drive:
        cmp byte [DRIVE], 80h
        je fail
        mov byte [DRIVE], 80h
        jmp find_stage2

; Read the rest: all of it in one call, or a sector a call, the one size that no BIOS refuses.
load_stage2:
        mov bp, length_error
        mov cx, [STAGE2_ADDR + STAGE2_HEADER_SECTORS]
        dec cx
        jz fail                 ; there is more than the header's sector
        cmp cx, STAGE2_MAX_SECTORS - 1
        ja fail                 ; 0 wraps round to FFFFh
        inc cx
        call read_edd
        jnc .loaded
        dec cx                  ; without the first, which is there
        mov bp, read_error
.next:
        inc si
        add bx, SECTOR_SIZE
        call read_sector
        jc fail
        loop .next
.loaded:
        mov dl, [DRIVE]
        jmp 0:STAGE2_ADDR + STAGE2_HEADER_SIZE

; Print the text at BP on the screen and COM1, and stop. Ctrl+Alt+Del still works.
fail:
        cld                     ; whatever the BIOS left
        mov ax, 00E3h           ; INT 14h: 9600 baud, 8 data bits, no parity, 1 stop bit
        xor dx, dx
        int 14h
        mov si, bp
.next:
        lodsb
        test al, al
        jz .stop
        push ax
        mov ah, 0Eh             ; INT 10h: teletype
        mov bx, 0007h
        int 10h
        pop ax
        mov ah, 1               ; INT 14h: send; the BIOS bounds the wait
        int 14h
        jmp .next
.stop:
        hlt
        jmp .stop

; Read sector SI of the boot drive to 0000:BX. CF = 1 when all tries failed. Keeps all registers.
read_sector:
        pusha
        mov di, EDD_TRIES + CHS_TRIES
        pusha
        mov ah, 41h             ; EDD-3.0 §8.1: is AH=42h there?
        mov bx, 55AAh
        call disk_bios
        jc .no_edd
        cmp bx, 0AA55h
        stc                     ; leaves ZF as it is
        jne .no_edd
        shr cl, 1               ; bit 0: the packet calls; some BIOSes say yes without them
        cmc
.no_edd:
        popa                    ; leaves CF as it is: set if there is no EDD
        jnc .try
        mov di, CHS_TRIES
.try:
        cmp di, CHS_TRIES
        jbe .chs
        mov cx, 1
        call read_edd
        jmp .tried

; Cylinder, head, sector from the geometry that the BIOS believes in.
.chs:
        pusha
        push es
        push bx
        mov ah, 8
        mov dl, [DRIVE]
        int 13h                 ; CL bits 0-5: sectors per track; DH: last head
        pop bx
        pop es                  ; AH=08h may change ES:DI
        jc .done
        and cx, 3Fh
        stc
        jz .done
        mov al, dh
        cbw
        inc ax
        xchg di, ax             ; heads
        xchg ax, si
        div cl                  ; LBA is at most 64: AL = track, AH = sector from 0
        mov cl, ah
        inc cx                  ; sectors count from 1
        cbw                     ; AX = track
        cwd                     ; DX = 0
        div di                  ; AX = cylinder, DX = head
        mov ch, al
        mov dh, dl
        mov dl, [DRIVE]
        mov ax, 0201h           ; read one sector
        int 13h
.done:
        popa
.tried:
        jnc .return
        pusha
        mov ah, 0               ; reset: some drives stay in error without it
        call disk_bios
        popa
        dec di
        jnz .try
        stc
.return:
        popa
        ret

; Read CX sectors from sector SI on to 0000:BX by EDD-3.0 §8.2. CF = 1 on failure. Keeps all
; registers. The disk address packet is built anew each time, as the BIOS may change it.
read_edd:
        pusha
        xor ax, ax
        push ax                 ; LBA, 64 bits
        push ax
        push ax
        push si
        push es                 ; buffer, segment:offset
        push bx
        push cx                 ; sectors
        push byte 16            ; size of the packet
        mov si, sp
        mov ah, 42h
        call disk_bios
        popa                    ; drops the 16 bytes of the packet; CF stays
        popa
        ret

; INT 13h for the boot drive: DL from memory, because the BIOS may change it.
disk_bios:
        mov dl, [DRIVE]
        int 13h
        ret

%macro error_line 1
        db 'E', '0' + E_%1 / 10, '0' + E_%1 - E_%1 / 10 * 10, ' ', E_%{1}_TEXT, 0
%endmacro

read_error:     error_line STAGE1_READ
magic_error:    error_line STAGE1_MAGIC
length_error:   error_line STAGE1_LENGTH

; mbr.asm: stage 1, the boot sector.
;
; Entered by the BIOS in real mode at linear 7C00, DL = the drive it booted from; nothing else is
; certain. Reads the first sector of stage 2 to 0000:8000, checks it, and calls it (first.asm): it
; reads and checks the rest, and comes back only to have an error printed. At most 440 bytes: the
; disk signature and the partition table follow. An error is a code from include/ascent/errors.def
; on the screen and COM1; then a key boots something else.
; Chapter: docs/architecture.md, "Stage 1".

%include "layout.inc"
%include "errors.inc"
%include "stage1/error_line.inc"

bits 16
extern stage2_first_sector

section .text
global stage1_start
global stage1_main

%define DRIVE ENTRY_DRIVE_ADDR

TRIES equ 3                     ; each by CHS, then by EDD

BIOS_COM1 equ 400h              ; word: the port of COM1, 0 without one (BIOS data area)
MODEM_CONTROL equ 4             ; 16550: register, from the port on
MODEM_LOOP equ 13h              ; what is sent is received; RTS, DTR
MODEM_ON equ 03h                ; RTS, DTR
LINE_DATA_READY equ 1           ; line status, the next register
BELL equ 07h

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
        mov ax, cs              ; 0; XOR would change FLAGS
        mov dh, al              ; until stage 1 guesses (DRIVE_GUESSED)
        mov ss, ax              ; holds off interrupts until SP is set too (SDM 3A §6.8.3)
        mov sp, STAGE1_ADDR
        pushf
        push ds
        push es
        mov es, ax
        pusha                   ; with them DX: INT 13h may lose DL; see ENTRY_STATE_ADDR
        call restore

%if CHAPTER < 3                 ; make checkpoint: in chapters 01 and 02 nothing is read
        mov bp, checkpoint_line
        jmp fail
%else

; Read the first sector of stage 2 and check it: some controllers call a failed read a good one
; (QEMU's megasas). If the BIOS gave a wrong drive number, then it is not there: try the first hard
; disk before giving up.
find_stage2:
        mov di, TRIES
.again:
        mov bp, read_error
        mov bx, STAGE2_ADDR
        mov si, STAGE2_LBA
        mov cx, si              ; one sector
        pusha
        mov ax, 0201h           ; LBA 1 is cylinder 0, head 0, sector 2 in every geometry
        inc cx
        cwd
        call disk_bios
        popa
        jnc .read
        call read_edd
        jc .failed
.read:
        mov bp, magic_error
        cmp dword [bx + STAGE2_HEADER_MAGIC], STAGE2_MAGIC
        jne .failed
        mov bp, sum_error
        mov si, bx
        mov cl, SECTOR_SIZE / 4
        xor edx, edx
.add:
        lodsd
        add edx, eax            ; all of them add up to 0
        loop .add
        jnz .failed
        mov si, read_edd
        mov di, disk_bios
        call stage2_first_sector        ; comes back with an error in BP and DI = 1: the last try
.failed:
        pusha
        mov ah, 0               ; reset: some drives stay in error without it
        call disk_bios
        popa
        dec di
        jnz .again
        cmp bp, sum_error
        jae fail                ; this text or one of the first sector: the drive is right
        mov ax, DRIVE_GUESSED << 8 | 80h
        xchg ax, [DRIVE]
        cmp al, 80h
        jne find_stage2
%endif

; Print the text at BP on the screen and COM1, and boot something else when a key is pressed;
; Ctrl+Alt+Del works too. DS = 0.
;
; A BIOS without a display prints on COM1 itself (SeaBIOS): then we do not. With the UART looped
; back to itself, a byte comes in if INT 10h sends one; interrupts are off, as the BIOS would take it
; for a key.
fail:
        mov bx, 0007h           ; for INT 10h: page 0, and in graphics modes white
        mov cx, [BIOS_COM1]
        jcxz .print
        mov dx, cx
        in al, dx               ; what has come before is no answer
        add dx, MODEM_CONTROL
        mov al, MODEM_LOOP
        out dx, al
        cli
        pusha
        mov ax, 0E00h + BELL    ; SeaBIOS keeps any other character for a while
        int 10h
        popa
        inc dx                  ; line status
        push cx
        xor cx, cx              ; 65536 reads take longer than a byte on the line
.poll:
        in al, dx
        test al, LINE_DATA_READY
        loopz .poll             ; CX = 0: nothing came
        dec dx
        mov al, MODEM_ON
        out dx, al
        pop dx
        in al, dx               ; take it
        inc cx
        loop .print             ; if CX is not 0
        pusha
        mov ax, 00E3h           ; INT 14h: 9600 baud, 8 data bits, no parity, 1 stop bit
        cwd
        int 14h
        popa
.print:
        sti
        mov si, bp
        call print
        mov si, hit_a_key
        call print
        mov ah, 0               ; INT 16h: wait for a key
        int 16h
        int 18h                 ; the next boot device (BBS §6.7)

; Print the text at SI on the screen, and on COM1 if CX is 0.
print:
        cld
        cs lodsb                ; whatever INT 10h made of DS
        test al, al
        jz return
        pusha
        mov ah, 0Eh             ; INT 10h: teletype
        int 10h
        popa
        pusha
        inc cx
        loop .printed           ; if CX is not 0
        mov ah, 1               ; INT 14h: send; the BIOS bounds the wait
        cwd
        int 14h
.printed:
        popa
        jmp print

; Read CX sectors from sector SI of the boot drive on to ES:BX (EDD-3.0 §8.2). CF = 1 on failure.
; Keeps all registers. The disk address packet is built anew each time: the BIOS may change it.
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

; INT 13h for the boot drive, whose number the BIOS may change. CF = 1 before: a BIOS that does
; nothing has failed. Keeps segment registers.
disk_bios:
        push es
        mov dl, [DRIVE]
        stc
        int 13h
        pop es

; Put right what a BIOS call may have changed besides its results: DS, the direction flag, IF.
; SS:SP it must return. Keeps CF.
restore:
        push ss
        pop ds                  ; 0
        cld
        sti
return:
        ret

read_error:     error_line STAGE1_READ
magic_error:    error_line STAGE1_MAGIC
sum_error:      error_line STAGE2_CRC
hit_a_key:      db '; hit a key', 0
%if CHAPTER < 3
checkpoint_line: db 'checkpoint 0', '0' + CHAPTER, ': stage 1 runs at 0000:7C00', 0
%endif

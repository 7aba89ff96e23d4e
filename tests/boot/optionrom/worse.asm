; worse.asm: an option ROM that makes the BIOS worse, one way for each -D (modes.toml).
;
; SeaBIOS calls offset 3 while it starts, when INT 13h and 15h are set up and the ROM can still be
; written to. It hooks the two, and INT 19h where the way to the boot sector itself is to be odd.
; Later the ROM is read-only: what must be remembered then lies in 0040:00F0 (BIOS data area,
; "intra-application communication area").

bits 16
org 0

%define COUNTER 4F0h            ; byte, in segment 0
%define GEOMETRY_SECTORS 63     ; what SeaBIOS says of our image
%define GEOMETRY_HEADS 16

%define CF 0001h
%define IF 0200h
%define DF 0400h

        dw 0AA55h
        db ROM_BLOCKS           ; length in 512 bytes
        jmp init

%macro hook 2                   ; vector, handler: old one to old_<handler>
        mov eax, [es:%1 * 4]
        mov [cs:old_%2], eax
        mov word [es:%1 * 4], %2
        mov [es:%1 * 4 + 2], cs
%endmacro

init:
        pusha
        push es
        xor ax, ax
        mov es, ax
        mov byte [es:COUNTER], 0
        hook 13h, int13
        hook 15h, int15
%ifdef BOOT
        hook 19h, int19
%endif
        pop es
        popa
        retf

old_int13: dd 0
old_int15: dd 0
old_int19: dd 0

%macro call_old 1
        pushf
        call far [cs:old_%1]
%endmacro

; Return from an interrupt with these flags set, and those clear, in what the caller gets.
%macro return_flags 2           ; set, clear
        push bp
        mov bp, sp
        or word [bp + 6], %1
        and word [bp + 6], ~(%2)
        pop bp
        iret
%endmacro

; Return with the CF, and all else, as it is now.
%macro return_carry 0
        jc %%set
        return_flags 0, CF
%%set:  return_flags CF, 0
%endmacro

; ---- INT 13h -------------------------------------------------------------------------------------

int13:
%ifdef NO_EDD
        cmp ah, 41h
        je refuse13
        cmp ah, 42h
        je refuse13
%endif
%ifdef EDD_LIES
        cmp ah, 42h
        je refuse13
%endif
%ifdef EDD_NO_PACKETS
        cmp ah, 42h
        je refuse13
        cmp ah, 41h
        jne .chain
        call_old int13
        and cl, ~1
        return_carry
%endif
%ifdef MAX_SECTORS
        cmp ah, 42h
        jne .not_edd
        cmp word [si + 2], MAX_SECTORS
        ja refuse13
.not_edd:
        cmp ah, 02h
        jne .chain
        cmp al, MAX_SECTORS
        ja refuse13
%endif
%ifdef BAD_SECTOR
        call touches_bad_sector
        jnc .chain
  %ifdef FLAKY
        push es
        push word 0
        pop es
        inc byte [es:COUNTER]
        cmp byte [es:COUNTER], FLAKY
        pop es
        ja .chain
  %endif
        mov ah, 04h             ; sector not found
        return_flags CF, 0
%endif
%ifdef TRASH
        push ax
        call_old int13
        pop bp                  ; BP = AX of the call
        pushf
        shr bp, 8
        cmp bp, 08h             ; these two return values in BX, CX, DX
        je .results
        cmp bp, 41h
        je .results
        mov ebx, 0DEADBEEFh
        mov ecx, 0DEADBEEFh
        mov edx, 0DEADBEEFh
.results:
        mov esi, 0DEADBEEFh
        mov edi, 0DEADBEEFh
        mov ebp, 0DEADBEEFh
        popf
        return_carry
%endif
%ifdef SET_DF
        call_old int13
        jc .df_carry
        return_flags DF, CF
.df_carry:
        return_flags DF | CF, 0
%endif
%ifdef CLEAR_IF
        call_old int13
        jc .if_carry
        return_flags 0, CF | IF
.if_carry:
        return_flags CF, IF
%endif
.chain:
        jmp far [cs:old_int13]

refuse13:
        mov ah, 01h             ; bad command
        return_flags CF, 0

%ifdef BAD_SECTOR
; CF = 1 if this call would read the bad sector. Keeps all registers.
touches_bad_sector:
        pushad
        movzx ecx, al           ; sectors
        cmp ah, 02h
        je .chs
        cmp ah, 42h
        jne .no
        movzx ecx, word [si + 2]
        mov eax, [si + 8]
        jmp .compare
.chs:
        mov bp, sp
        mov bx, [bp + 24]       ; CX of the call
        movzx eax, bh           ; cylinder
        mov dl, bl
        shr dl, 6
        mov ah, dl
        imul eax, GEOMETRY_HEADS
        movzx edx, byte [bp + 21] ; DH: head
        add eax, edx
        imul eax, GEOMETRY_SECTORS
        and ebx, 3Fh
        lea eax, [eax + ebx - 1]
.compare:
        mov edx, BAD_SECTOR
        sub edx, eax            ; below the first: wraps to a large number
        cmp edx, ecx            ; CF = 1: within
        popad
        ret
.no:
        popad
        clc
        ret
%endif

; ---- INT 15h -------------------------------------------------------------------------------------

int15:
%ifdef NO_E820
        cmp ax, 0E820h
        je refuse15
%endif
%ifdef NO_E801
        cmp ax, 0E801h
        je refuse15
%endif
%ifdef NO_88
        cmp ah, 88h
        je refuse15
%endif
%ifdef A20_LIES
        cmp ax, 2401h
        jne .chain
        xor ah, ah              ; "done"
        return_flags 0, CF
%endif
%ifdef TABLE
        cmp ax, 0E820h
        je from_table
%endif
%ifdef TRASH
        cmp ax, 0E820h
        jne .chain
        call_old int15
        mov edx, 0DEADBEEFh
        mov esi, 0DEADBEEFh
        mov ebp, 0DEADBEEFh
        return_carry
%endif
%ifdef SET_IF
        call_old int15
        jc .if_carry
        return_flags IF, CF
.if_carry:
        return_flags IF | CF, 0
%endif
.chain:
        jmp far [cs:old_int15]

refuse15:
        mov ah, 86h             ; function not supported
        return_flags CF, 0

%ifdef TABLE
; Answer E820 from the table: EBX is the index.
from_table:
        cmp bx, ENTRIES
        jae .end
  %ifdef SMAP_LOST
        cmp bx, 2
        je .lost
  %endif
        push si
        push di
        push cx
        mov si, bx
        imul si, 20
        add si, table
        mov cx, 20
        cld
.copy:  mov al, [cs:si]
        mov [es:di], al
        inc si
        inc di
        loop .copy
        pop cx
        pop di
        pop si
        inc bx
        mov ecx, 20
        mov eax, 534D4150h
  %ifndef END_WITH_CARRY
        cmp bx, ENTRIES
        jb .more
        xor ebx, ebx            ; the last one
.more:
  %endif
        return_flags 0, CF
.end:
        mov ah, 86h
        return_flags CF, 0
.lost:
        inc bx
        xor eax, eax
        return_flags 0, CF

%macro range 3                  ; base, length, type
        dq %1, %2
        dd %3
%endmacro

; The memory of a QEMU pc with 128 MB, told badly.
table:
  %if TABLE == 1                ; unsorted
        range 0FFFC0000h, 40000h, 2
        range 100000h, 7EE0000h, 1
        range 0, 9FC00h, 1
        range 7FE0000h, 20000h, 2
        range 0F0000h, 10000h, 2
        range 9FC00h, 400h, 2
  %elif TABLE == 2              ; overlapping, with a reserved range inside a usable one
        range 0, 100000h, 1
        range 9FC00h, 60400h, 2
        range 0F0000h, 10000h, 2
        range 100000h, 7F00000h, 1
        range 80000h, 1000000h, 1
        range 7FE0000h, 20000h, 2
        range 3000800h, 1000h, 2
        range 3000000h, 4000h, 3
        range 100000h, 200000h, 1
  %elif TABLE == 3              ; empty ranges
        range 0, 0, 2
        range 0, 9FC00h, 1
        range 9FC00h, 400h, 2
        range 100000h, 0, 2
        range 100000h, 7EE0000h, 1
        range 7FE0000h, 20000h, 2
        range 8000000h, 0, 1
  %elif TABLE == 4              ; types that no specification knows
        range 0, 9FC00h, 1
        range 9FC00h, 400h, 2
        range 100000h, 7EE0000h, 1
        range 2000000h, 100000h, 12
        range 2200000h, 100000h, 0FFFFFFFFh
        range 2400000h, 100000h, 0
        range 2600000h, 100000h, 5
        range 7FE0000h, 20000h, 2
  %elif TABLE == 5              ; more of them than the loader has room for
        range 0, 9FC00h, 1
        range 9FC00h, 400h, 2
        range 100000h, 4000000h, 1
    %assign base 5000000h
    %rep 200
        range base, 8000h, 1
      %assign base base + 10000h
    %endrep
  %endif
ENTRIES equ ($ - table) / 20
%endif

; ---- INT 19h: the way to the boot sector ---------------------------------------------------------

%ifdef BOOT
int19:
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 7000h
        sti
        mov ax, 0201h           ; the first sector of the first hard disk
        mov bx, 7C00h
        mov cx, 1
        mov dx, 80h
        int 13h
  %ifdef A20_OFF
        mov ax, 2400h
        int 15h
  %endif
        mov dl, BOOT_DRIVE
  %ifdef POISON                 ; registers and flags that nobody promised
        mov eax, 0DEADBEEFh
        mov ebx, eax
        mov ecx, eax
        mov esi, eax
        mov edi, eax
        mov ebp, eax
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov esp, 0DEAD7000h
        std
        cli
  %endif
        jmp BOOT
%endif

        align 512, db 0
ROM_BLOCKS equ ($ - $$) / 512 + 1
        times 512 db 0          ; the last byte becomes the checksum

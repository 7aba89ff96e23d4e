; first.asm: the first sector of stage 2, which reads the rest and checks it before it runs.
;
; Called by stage 1, which has checked this sector, in real mode at 0000:8010, SS:SP = 0000:7BE8,
; DS = ES = 0, SI = its read_edd, DI = its disk_bios (mbr.asm): nothing here calls the BIOS but these
; two; BP = its text of E04. Goes on in entry.asm. Returns to stage 1 only to have the error text at BP
; printed; DI = 1.
; The length and the two checksums of the header are filled in by scripts/stamp-stage2.
; Chapter: docs/architecture.md, "Stage 1".

%include "layout.inc"
%include "errors.inc"
%include "stage1/error_line.inc"

bits 16
extern stage2_start
global image_check
global stage2_was_reread
global stage2_edd_tries

CRC_POLYNOMIAL equ 0EDB88320h   ; ISO 3309, bits reversed
REST_SEGMENT equ (STAGE2_ADDR + SECTOR_SIZE) / 16
CRC_SEGMENT equ CRC_TABLES_ADDR / 16

EDD_TRIES equ 3
CHS_TRIES equ 3
CHS_READINGS equ 3              ; of all sectors, at last

; What the boot sector says of the disk that it lies on (FAT specification, BPB).
BPB_TRACK_SECTORS equ STAGE1_ADDR + 24
BPB_HEADS equ STAGE1_ADDR + 26

; Sectors a call. No transfer may cross a 64 KB line; the second sector lies 63 in front of one, so
; 63 at a time never do, nor do 9, nor 1, which are tried after a failure.
BULK equ 63
SMALLER equ 7                   ; divided by this

section .first progbits alloc exec nowrite align=16
header:
        dd STAGE2_MAGIC
        dw STAGE2_VERSION
sectors:
        dw 0                    ; length in sectors
crc:
        dd 0                    ; CRC-32 of all sectors but this one
        dd 0                    ; makes the dwords of this sector add up to 0
%if $ - header != STAGE2_HEADER_SIZE
  %error "stage 1 calls the end of the header"
%endif

first_sector:
        mov [read_edd], si
        mov [disk_bios], di
        mov [crc_error], bp
        mov bp, length_error
        mov ax, [sectors]
        dec ax
        jz .fail                ; there is more than this sector
        cmp ax, STAGE2_MAX_SECTORS - 1
        ja .fail                ; 0 has become FFFFh
        call ask_for_edd

        mov cx, BULK
.again:
        mov bp, read_error
        call read_rest
        jc .smaller
        mov bp, [crc_error]
        push cx
        call dword image_check  ; step: stage2
        pop cx
        test al, al
        jz stage2_start
        mov byte [stage2_was_reread], 1
.smaller:
        mov ax, cx
        mov cl, SMALLER
        div cl
        mov cl, al
        test cl, cl
        jnz .again
        inc cx                  ; at last a sector a call without EDD, whatever it said, and again
        mov [stage2_edd_tries], ch
        dec byte [chs_readings]
        jnz .again
.fail:
        mov di, 1               ; as stage 1 counts tries
        ret

; How often to try EDD's packet calls: not at all where they are not there (EDD-3.0 §8.1).
ask_for_edd:
        mov ah, 41h
        mov bx, 55AAh
        call [disk_bios]
        jc .no
        cmp bx, 0AA55h
        jne .no
        test cl, 1              ; some BIOSes have EDD without them
        jz .no
        mov byte [stage2_edd_tries], EDD_TRIES
.no:
        ret

; Read all sectors but the first, CX a call. CF = 1 on failure. Keeps CX and BP.
read_rest:
        push cx
        mov dx, [sectors]
        dec dx                  ; left to read
        mov si, STAGE2_LBA + 1
        mov ax, REST_SEGMENT
.next:
        mov es, ax
        cmp cx, dx
        jb .read
        mov cx, dx
.read:
        call read_sectors
        jc .return
        add si, cx
        sub dx, cx
        shl cx, 5               ; sectors to paragraphs
        add ax, cx
        shr cx, 5
        test dx, dx             ; CF = 0
        jnz .next
.return:
        pop cx
        ret

; Read CX sectors from sector SI on to ES:0, more than one only by EDD. CF = 1 when all tries have
; failed. Keeps all registers.
read_sectors:
        pusha
        xor bx, bx
        movzx di, byte [stage2_edd_tries]
.edd:
        dec di
        js .chs
        call [read_edd]
        jnc .return
        call reset
        jmp .edd
.chs:
        dec cx
        stc                     ; leaves ZF as it is
        jnz .return
        mov di, CHS_TRIES
.try:
        call read_chs
        jnc .return
        call reset
        dec di
        jnz .try
        stc
.return:
        popa
        ret

; Some drives stay in error without a reset. Keeps all registers.
reset:
        pusha
        mov ah, 0
        call [disk_bios]
        popa
        ret

; Read sector SI to ES:0 by cylinder, head and sector, from the geometry that the BIOS believes in,
; or that of the BPB. CF = 1 on failure. Keeps all registers.
read_chs:
        pusha
        push si
        mov ah, 8
        call [disk_bios]        ; CL bits 0-5: sectors per track; DH: last head
        pop si
        movzx bx, dh
        inc bx                  ; heads, up to 256; keeps CF
        jc .bpb
        and cx, 3Fh
        jnz .known
.bpb:
        mov cx, [BPB_TRACK_SECTORS]
        cmp cl, 1               ; CF = 1: 0
        jb .return
        mov bx, [BPB_HEADS]
        cmp bx, 1
        jb .return
.known:
        xchg ax, si             ; LBA, at most STAGE2_MAX_SECTORS
        div cl                  ; AL = track, AH = sector from 0
        mov cl, ah
        inc cx                  ; sectors count from 1
        mov ah, 0
        cwd
        div bx                  ; AX = cylinder, DX = head
        mov ch, al
        mov dh, dl
        xor bx, bx
        mov ax, 0201h           ; read one sector
        call [disk_bios]
.return:
        popa
        ret

; Contract in image.h. The table has the effect of each byte (pm/crc32.c makes the same one).
image_check:
        push ebx
        push esi
        push edi
        push word CRC_SEGMENT
        pop es
        xor ebx, ebx
        xor edi, edi            ; a base, for without one the address takes four bytes more
.entry:
        mov eax, ebx
        mov cx, 8
.bit:
        shr eax, 1
        jnc .next_bit
        xor eax, CRC_POLYNOMIAL
.next_bit:
        loop .bit
        mov [es:edi + ebx * 4], eax
        inc bl
        jnz .entry

        or eax, -1
        mov dx, REST_SEGMENT
        mov cx, [sectors]
        dec cx
.sector:
        mov ds, dx
        xor si, si
.dword:
        xor eax, [si]
%rep 4
        mov bl, al
        shr eax, 8
        xor eax, [es:edi + ebx * 4]
%endrep
        add si, 4
        cmp si, SECTOR_SIZE
        jb .dword
        add dx, SECTOR_SIZE / 16
        loop .sector

        xor dx, dx
        mov ds, dx
        mov es, dx
        not eax
        sub eax, [crc]
        jz .return              ; EAX = 0: BOOT_OK
        mov eax, E_STAGE2_CRC
.return:
        pop edi
        pop esi
        pop ebx
        o32 ret

read_error:     error_line STAGE1_READ
length_error:   error_line STAGE1_LENGTH

chs_readings:
        db CHS_READINGS
stage2_edd_tries:
        db 0                    ; 0: there are no packet calls
stage2_was_reread:
        db 0

        times SECTOR_SIZE - ($ - $$) db 0

section .bss
read_edd:  resw 1
disk_bios: resw 1
crc_error: resw 1

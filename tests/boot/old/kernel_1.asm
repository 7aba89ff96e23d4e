; kernel_1.asm: a kernel as it was written for version 1 of the boot protocol. It knows boot_info as it
; was then, by numbers of its own: nothing of include/ is used, so that this file never changes with it.
; Leaves QEMU through port F4h (isa-debug-exit): 10h if all is as version 1 says, else the number of the
; check that failed, from 20h on. What BOOT.CFG and the disk have is test_older.py's: the initrd is
; "init words", the command line "old words", and SYMBOLS bytes of symbols were asked for.

bits 32
org 0C0100000h

magic           equ 0
version         equ 4
size            equ 8
flags           equ 12
map_phys        equ 16
map_count       equ 20
raw_map_phys    equ 24
raw_map_count   equ 28
map_source      equ 32
kernel_phys     equ 36
kernel_phys_end equ 40
kernel_entry    equ 44
symtab_phys     equ 48
symtab_bytes    equ 52
initrd_phys     equ 64
initrd_bytes    equ 68
cmdline_phys    equ 72
boot_drive      equ 76
boot_partition  equ 80
partition_lba   equ 84
disk_method     equ 88
max_transfer    equ 92
video_mode      equ 96
screen_columns  equ 100
screen_rows     equ 104
page_directory  equ 116
mapped_bytes    equ 128
loader_phys     equ 132
loader_phys_end equ 136
a20_method      equ 144
steps_phys      equ 148
steps_count     equ 152
serial_port     equ 164
pic_masks       equ 168
SIZE_1          equ 172

%assign check_number 20h
%macro must 1                   ; condition that holds, else the kernel ends with this check's number
        mov al, check_number
        j%-1 wrong
  %assign check_number check_number + 1
%endmacro

start:
        cmp eax, 54435341h      ; "ASCT"
        must e                  ; 20h
        cmp dword [ebx + magic], 54435341h
        must e
        cmp dword [ebx + version], 1
        must ae
        cmp dword [ebx + size], SIZE_1
        must ae
        cmp dword [ebx + map_count], 3
        must ae
        mov esi, [ebx + map_phys]
        add esi, 0C0000000h
        cmp dword [esi + 24], 1000h     ; the second range: base, length, type; the first is page 0
        must e
        cmp dword [esi + 24 + 16], 1
        must e
        cmp dword [ebx + raw_map_count], 3
        must ae
        cmp dword [ebx + map_source], 1
        must e
        cmp dword [ebx + kernel_phys], 100000h
        must e                  ; 29h
        cmp dword [ebx + kernel_entry], start
        must e
        mov esi, [ebx + initrd_phys]
        add esi, 0C0000000h
        cmp dword [esi], 'init'
        must e
        cmp dword [ebx + initrd_bytes], 10
        must e
        mov esi, [ebx + cmdline_phys]
        add esi, 0C0000000h
        cmp dword [esi], 'old '
        must e
        cmp dword [esi + 4], 'word'
        must e
        cmp word [esi + 8], 's'
        must e
        cmp dword [ebx + boot_drive], 80h
        must e                  ; 30h
        cmp dword [ebx + boot_partition], 1
        must e
        cmp dword [ebx + partition_lba], 2048
        must e
        cmp dword [ebx + disk_method], 1
        must e
        cmp dword [ebx + max_transfer], 127
        must e
        cmp dword [ebx + video_mode], 3
        must e
        cmp dword [ebx + screen_columns], 80
        must e
        cmp dword [ebx + screen_rows], 25
        must e
        mov eax, cr3
        cmp [ebx + page_directory], eax
        must e                  ; 38h
        cmp dword [ebx + mapped_bytes], 800000h
        must ae
        mov eax, ebx
        sub eax, 0C0000000h
        cmp [ebx + loader_phys], eax
        must be
        cmp dword [ebx + loader_phys_end], 30000h
        must be
        cmp dword [ebx + a20_method], 1
        must e
        cmp dword [ebx + steps_count], 14
        must e
        mov esi, [ebx + steps_phys]
        add esi, 0C0000000h
        cmp dword [esi + 64 * 13], 14 ; the number of the last
        must e
        cmp dword [ebx + serial_port], 3F8h
        must e
        test byte [ebx + flags], 2
        must nz                 ; 40h
        cmp dword [ebx + symtab_bytes], SYMBOLS
        must e
        mov al, 10h
wrong:                          ; AL has the number
        out 0F4h, al
        cli
        hlt

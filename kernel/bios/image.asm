; image.asm: the part that runs in real mode, as bytes: code and data, to be copied to REAL_TEXT_ADDR.

global real_image
global real_image_end

section .rodata
real_image:
        incbin "real.bin"
real_image_end:

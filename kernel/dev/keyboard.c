/*
 * keyboard.c: a PS/2 keyboard. The controller translates to scan code set 1 (IBM PC AT Technical
 * Reference, "Keyboard"): bit 7 says released, E0 precedes the keys that the first PC did not have.
 */
#include <cpu/control.h>
#include <cpu/trap.h>
#include <dev/input.h>
#include <dev/keyboard.h>
#include <dev/pic.h>
#include <dev/ring.h>
#include <dev/vga.h>
#include <stdbool.h>

#define KBC_DATA 0x60
#define KBC_STATUS 0x64
#define KBC_COMMAND 0x64
#define KBC_OUTPUT_FULL 0x01
#define KBC_INPUT_FULL 0x02
#define KBC_ABSENT 0xFF
#define KBC_READ_MODE 0x20
#define KBC_WRITE_MODE 0x60
#define KBC_MOUSE_OFF 0xA7
#define KBC_KEYBOARD_OFF 0xAD
#define KBC_KEYBOARD_ON 0xAE
#define MODE_INTERRUPT 0x01
#define MODE_KEYBOARD_OFF 0x10
#define MODE_TRANSLATE 0x40 /* to scan code set 1 */
#define KBC_TRIES 20000     /* about 20 ms */
#define FLUSH_MAX 64 /* bytes; more is a controller that is not there */

#define SCROLL_ROWS 12 /* half a screen */
#define ESC 0x1B

#define RELEASED 0x80
#define EXTENDED 0xE0
#define SCAN_CTRL 0x1D
#define SCAN_ALT 0x38
#define SCAN_F1 0x3B
#define SCAN_F10 0x44
#define SCAN_F11 0x57
#define SCAN_F12 0x58
#define SCAN_SYSRQ 0x54 /* what the Print Screen key is with Alt held */
#define SCAN_SHIFT_LEFT 0x2A
#define SCAN_SHIFT_RIGHT 0x36
#define SCAN_CAPS_LOCK 0x3A
#define SCAN_NUM_LOCK 0x45
#define SCAN_PAD_FIRST 0x47

/* By scan code; 0 has no character. */
static const char plain[] = "\0\033" "1234567890-=\b\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033" "!@#$%^&*()_+\b\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

/* The number pad from SCAN_PAD_FIRST on, with Num Lock. Without, it has the cursor keys. */
static const char pad[] = "789-456+1230.";

static struct ring keys;
static bool present;
static bool shift, ctrl, alt, caps, extended;
static bool num_lock = true; /* as a PC starts */

static int extended_key(uint8_t code) {
    switch (code) {
    case 0x48: return KEY_UP;
    case 0x50: return KEY_DOWN;
    case 0x4B: return KEY_LEFT;
    case 0x4D: return KEY_RIGHT;
    case 0x47: return KEY_HOME;
    case 0x4F: return KEY_END;
    case 0x52: return KEY_INSERT;
    case 0x53: return KEY_DELETE;
    case 0x49: return shift ? KEY_SCROLL_UP : KEY_PAGE_UP;
    case 0x51: return shift ? KEY_SCROLL_DOWN : KEY_PAGE_DOWN;
    case 0x1C: return '\r'; /* Enter and / of the number pad */
    case 0x35: return '/';
    default: return 0;
    }
}

static int pad_key(uint8_t code) {
    unsigned index = code - SCAN_PAD_FIRST;

    if (index >= sizeof(pad) - 1) return 0;
    bool sign = pad[index] == '-' || pad[index] == '+';
    return sign || num_lock ? pad[index] : extended_key(code);
}

static int function_key(uint8_t code) {
    if (code >= SCAN_F1 && code <= SCAN_F10) return KEY_F1 + code - SCAN_F1;
    if (code == SCAN_F11 || code == SCAN_F12) return KEY_F11 + code - SCAN_F11;
    return code == SCAN_SYSRQ ? KEY_SYSRQ : 0;
}

/* Ctrl makes control characters of letters and of [ \ ] ^ _, and NUL of @ and the space bar. */
static int control_key(char c) {
    if (c >= '@' && c <= '~' && c != '`') return c & 0x1F ? c & 0x1F : KEY_NUL;
    if (c == ' ' || c == '2') return KEY_NUL;
    return c == '/' || c == '-' ? 0x1F : c;
}

static int plain_key(uint8_t code) {
    if (function_key(code)) return function_key(code);
    if (code >= sizeof(plain) - 1) return pad_key(code);
    char c = shift ? shifted[code] : plain[code];
    bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    if (ctrl) return control_key(c);
    if (letter && caps) return c ^ 0x20;
    return c;
}

static void take(uint8_t byte) {
    bool pressed = !(byte & RELEASED), was_extended = extended;
    uint8_t code = byte & (uint8_t)~RELEASED;

    extended = byte == EXTENDED;
    if (extended) return;
    switch (code) {
    case SCAN_SHIFT_LEFT:
    case SCAN_SHIFT_RIGHT:
        if (!was_extended) shift = pressed; /* E0 2A is part of the cursor keys */
        return;
    case SCAN_CTRL: ctrl = pressed; return;
    case SCAN_ALT: alt = pressed; return;
    case SCAN_CAPS_LOCK: caps ^= pressed; return;
    case SCAN_NUM_LOCK: num_lock ^= pressed && !ctrl; return; /* Pause sends Ctrl and Num Lock */
    }
    int key = was_extended ? extended_key(code) : plain_key(code);
    if (!pressed || !key) return;
    if (key == KEY_SCROLL_UP || key == KEY_SCROLL_DOWN) {
        vga_look_back(key == KEY_SCROLL_UP ? SCROLL_ROWS : -SCROLL_ROWS);
        return;
    }
    if (alt && key < KEY_UP) ring_put(&keys, ESC); /* as terminals send Alt */
    ring_put(&keys, key);
}

static void receive(struct pt_regs *regs) {
    (void)regs;
    if (inb(KBC_STATUS) & KBC_OUTPUT_FULL) take(inb(KBC_DATA));
    if (input_listener) input_listener();
}

static void flush(void) {
    for (int i = 0; i < FLUSH_MAX && (inb(KBC_STATUS) & KBC_OUTPUT_FULL); i++) (void)inb(KBC_DATA);
}

/* Waits until the status has `bit` as `wanted`. False: the controller does not answer. */
static bool wait_status(uint8_t bit, uint8_t wanted) {
    for (int i = 0; i < KBC_TRIES; i++) {
        if ((inb(KBC_STATUS) & bit) == wanted) return true;
        io_delay();
    }
    return false;
}

/* What a mouse sends and nobody fetches holds up all keys behind it. Firmware, or what ran before us, may
 * have switched one on (INT 15h AX=C200h). The AT's controller, which has no mouse, has no such command. */
static void mouse_off(void) {
    if (wait_status(KBC_INPUT_FULL, 0)) outb(KBC_COMMAND, KBC_MOUSE_OFF);
    (void)wait_status(KBC_INPUT_FULL, 0);
    flush();
}

/*
 * Interrupts and translation on, the keyboard not switched off. Nearly every BIOS leaves it so; a
 * controller that does not answer, such as one that firmware plays for a USB keyboard, stays as it
 * is.
 */
static void set_mode(void) {
    if (!wait_status(KBC_INPUT_FULL, 0)) return;
    outb(KBC_COMMAND, KBC_READ_MODE);
    if (!wait_status(KBC_OUTPUT_FULL, KBC_OUTPUT_FULL)) return;
    uint8_t mode = inb(KBC_DATA);
    uint8_t wanted = (uint8_t)((mode | MODE_INTERRUPT | MODE_TRANSLATE) & ~MODE_KEYBOARD_OFF);
    if (mode == wanted || !wait_status(KBC_INPUT_FULL, 0)) return;
    outb(KBC_COMMAND, KBC_WRITE_MODE);
    if (wait_status(KBC_INPUT_FULL, 0)) outb(KBC_DATA, wanted);
}

void keyboard_init(void) {
    if (inb(KBC_STATUS) == KBC_ABSENT) return;
    flush();
    mouse_off();
    set_mode();
    flush();
    present = true;
    irq_set_handler(IRQ_KEYBOARD, receive);
    pic_unmask(IRQ_KEYBOARD);
}

static void command(uint8_t code) {
    if (present && wait_status(KBC_INPUT_FULL, 0)) outb(KBC_COMMAND, code);
}

/* One byte may be in the controller already. */
void keyboard_hold(void) {
    command(KBC_KEYBOARD_OFF);
    (void)wait_status(KBC_INPUT_FULL, 0);
    if (present && inb(KBC_STATUS) & KBC_OUTPUT_FULL) take(inb(KBC_DATA));
}

void keyboard_release(void) {
    command(KBC_KEYBOARD_ON);
}

int keyboard_getc(void) {
    return ring_get(&keys);
}

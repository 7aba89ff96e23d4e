/*
 * termios.h: the settings of a terminal, and the names of its ioctls, with Linux's numbers
 * (termios(3), ioctl_tty(2)).
 */
#ifndef DEV_TERMIOS_H
#define DEV_TERMIOS_H

#include <stdint.h>

#define NCCS 19

/* What TCGETS gives. */
struct termios {
    uint32_t iflag, oflag, cflag, lflag;
    uint8_t line;
    uint8_t cc[NCCS];
};

struct winsize {
    uint16_t rows, columns, x_pixels, y_pixels;
};

enum { VINTR, VQUIT, VERASE, VKILL, VEOF, VTIME, VMIN, VSWTC, VSTART, VSTOP, VSUSP, VEOL, VREPRINT,
       VDISCARD, VWERASE, VLNEXT, VEOL2 };

/* iflag: what comes in */
#define IGNCR 0000200u
#define ISTRIP 0000040u
#define INLCR 0000100u
#define ICRNL 0000400u
#define IXON 0002000u
#define IXANY 0004000u
#define IXOFF 0010000u
#define IMAXBEL 0020000u
#define IUTF8 0040000u

/* oflag: what goes out */
#define OPOST 0000001u
#define ONLCR 0000004u
#define OCRNL 0000010u
#define ONOCR 0000020u
#define ONLRET 0000040u
#define XTABS 0014000u

/* cflag: the line */
#define B38400 0000017u
#define CS8 0000060u
#define CREAD 0000200u
#define HUPCL 0002000u
#define CLOCAL 0004000u

/* lflag: what is done with it */
#define ISIG 0000001u
#define ICANON 0000002u
#define ECHO 0000010u
#define ECHOE 0000020u
#define ECHOK 0000040u
#define ECHONL 0000100u
#define NOFLSH 0000200u
#define TOSTOP 0000400u
#define ECHOCTL 0001000u
#define ECHOKE 0004000u
#define IEXTEN 0100000u

#define TCGETS 0x5401u
#define TCSETS 0x5402u
#define TCSETSW 0x5403u
#define TCSETSF 0x5404u
#define TCGETA 0x5405u
#define TCSBRK 0x5409u
#define TCXONC 0x540Au
#define TCFLSH 0x540Bu
#define TIOCEXCL 0x540Cu
#define TIOCNXCL 0x540Du
#define TIOCSCTTY 0x540Eu
#define TIOCGPGRP 0x540Fu
#define TIOCSPGRP 0x5410u
#define TIOCOUTQ 0x5411u
#define TIOCSTI 0x5412u
#define TIOCGWINSZ 0x5413u
#define TIOCSWINSZ 0x5414u
#define FIONREAD 0x541Bu
#define FIONBIO 0x5421u
#define TIOCNOTTY 0x5422u
#define TCSBRKP 0x5425u
#define TIOCGSID 0x5429u
#define FIONCLEX 0x5450u
#define FIOCLEX 0x5451u

#define TCIFLUSH 0u
#define TCOFLUSH 1u
#define TCIOFLUSH 2u

#endif

#!/bin/sh
# busybox.sh: process 1 of a machine with busybox: commands whose output is the same on every system.
# What differs by nature (times, numbers of processes, amounts of memory) is cut to its form.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root TERM=linux LC_ALL=C
mount -t proc proc /proc 2>/dev/null
mount -t devtmpfs dev /dev 2>/dev/null
echo @BEGIN
t() { echo "--- $1"; }
mkdir -p /tmp/w && cd /tmp/w || exit 1

t echo; echo one   two "three  four" 'five'; echo -n no newline; echo; echo -e 'a\tb\\n'
t printf; printf '%d %5d|%-5s|%x %o %c %s\n' 1 22 abc 255 8 xyz end
t pwd; pwd
t mkdir; mkdir a; mkdir -p b/c/d; mkdir a; echo $?
t ls; ls -1; ls -d b/c
t touch; touch a/1 a/2 a/3; ls a
t cp; echo text > f; cp f g; cmp f g; echo $?; cp -r b bb; ls bb/c; cp nope x; echo $?
t cat; cat f g; cat < f; cat nope; echo $?
t mv; mv g h; ls; mv h a; ls a
t ln; ln f hard; ln -s f soft; readlink soft; cat soft; ls -l hard | cut -c1-10,12-15; rm f; cat soft; cat hard
t rm; rm hard; rm nope; echo $?; rm -rf bb; ls
t rmdir; rmdir b; echo $?; rmdir b/c/d; ls b/c | wc -l
t chmod; touch m; chmod 640 m; stat -c '%a %s %F' m; chmod u+x,g-r m; stat -c %a m; chmod 000 m; stat -c %A m
t seq; seq 5; seq 2 3 11; seq -s, 3
t head; seq 20 | head -3; seq 20 | head -n -17
t tail; seq 20 | tail -2; seq 5 | tail -n +4
t wc; printf 'one two\nthree\n' | wc; seq 1000 | wc -l
t sort; printf '3\n10\n2\n' | sort; printf '3\n10\n2\n' | sort -n; printf 'b 1\na 2\n' | sort -k2; printf 'a\nb\na\n' | sort -u
t uniq; printf 'a\na\nb\n' | uniq -c; printf 'a\na\nb\n' | uniq -d
t cut; echo a:b:c | cut -d: -f2; echo abcdef | cut -c2-4
t tr; echo hello | tr a-y b-z; echo hello | tr -d l; echo aabb | tr -s ab
t sed; echo hello | sed 's/l/L/g'; seq 5 | sed -n '2,3p'; seq 3 | sed '2d'; printf 'x=1\n' > s; sed -i 's/1/2/' s; cat s
t grep; seq 20 | grep 1; seq 20 | grep -c 1; seq 20 | grep -v 1 | wc -l; echo abc | grep -o b; echo x | grep -q y; echo $?
t egrep; printf 'cat\ndog\nbird\n' | grep -E 'cat|dog'; grep -rl x=2 . 2>/dev/null
t awk; seq 5 | awk '{ s += $1 } END { print s, NR }'; echo a b c | awk '{ print $2, NF }'; awk 'BEGIN { printf "%.3f\n", 22/7 }'
t find; find . -type d | sort; find . -name 's*' | sort; find a -type f -exec echo found {} \; | sort
t xargs; seq 5 | xargs echo; seq 4 | xargs -n 2 echo; printf 'x y' | xargs -I@ echo [@]
t tar; mkdir t; seq 100 > t/n; tar cf t.tar t; tar tf t.tar; rm -r t; tar xf t.tar; md5sum t/n
t gzip; gzip -c t/n > n.gz; gunzip -c n.gz | md5sum; zcat n.gz | tail -1
t md5sum; seq 1000 | md5sum; seq 1000 | sha1sum; seq 1000 | sha256sum
t od; printf 'AB\n\001' | od -c; printf 'abc' | hexdump -C; printf 'abc' | xxd -p
t dd; dd if=/dev/zero of=z bs=1k count=3 2>/dev/null; wc -c < z; dd if=z bs=100 count=1 skip=2 2>/dev/null | wc -c
t truncate; truncate -s 5000 z; wc -c < z
t diff; seq 3 > x; seq 4 > y; diff x y; echo $?; diff x x; echo $?
t cmp; cmp x y; echo $?
t patch; diff -u x y | sed 's/^\([-+][-+][-+] [xy]\).*/\1/' > p; cat p; patch x < p >/dev/null; cat x
t tee; echo t | tee t1 t2; cat t1 t2
t basename; basename /a/b.c .c; dirname /a/b.c; realpath a/../a
t expr; expr 3 + 4; expr 10 / 3; expr abc : 'a.'; echo $((7 * 6)) $((1 << 10)) $((0x10))
t test; [ -f s ] && echo file; [ -d a ] && echo folder; [ -L soft ] && echo link; [ 3 -gt 2 ] && echo more; [ -z "" ] && echo empty
t date; date -u -d @0 '+%Y-%m-%d %H:%M:%S'; date -u -d @1000000000 +%c
t cal; cal 2 2024
t bc; echo '2^64 + 1' | bc; echo 'scale=5; 1/3' | bc; echo '3 4 * p' | dc
t factor; factor 1001 97
t id; id -u; whoami; id -un
t uname; uname -m | sed 's/i.86/i?86/'; uname -s | wc -l
t env; env -i A=1 B=2 env | sort; A=3 sh -c 'echo $A'
t true; true; echo $?; false; echo $?
t sleep; sleep 0; usleep 1000; echo $?
t kill; (sleep 100 & kill $!; wait $!; echo $?) 2>/dev/null; sh -c 'kill -9 $$'; echo $?; kill -l 11
t background; (sleep 0.1; echo later) & wait; echo waited
t trap; sh -c 'trap "echo caught" USR1; kill -USR1 $$; echo after'; trap 'echo bye' EXIT; trap - EXIT
t pipes; seq 10000 | sort -rn | head -2 | tail -1; yes | head -1000 | wc -l; echo $?
t status; (exit 7); echo $?; sh -c 'exit 300'; echo $?; nonsense 2>/dev/null; echo $?
t redirection; echo out > r; echo more >> r; cat r; ls nope 2> e; wc -l < e; ls nope > all 2>&1; wc -l < all; cat <<X
here $((1 + 1))
X
t functions; f() { echo "f $# $1"; return 3; }; f a b; echo $?
t loops; for i in 1 2 3; do echo -n "$i "; done; echo; i=0; while [ $i -lt 3 ]; do i=$((i + 1)); done; echo $i; until [ $i = 0 ]; do i=$((i - 1)); done; echo $i
t case; for w in cat dog; do case $w in c*) echo c;; *) echo other;; esac; done
t patterns; echo a/*; echo [xy]; echo nope*; v=file.tar.gz; echo ${v%.gz} ${v##*.} ${#v} ${v:-d} ${u:-d}
t substitution; echo "$(seq 3 | tr '\n' ' ')" `echo old`; echo "$(echo "nested $(echo deep)")"
t read; printf 'l1 a\nl2 b\n' | while read x y; do echo "$y-$x"; done; echo 1:2 | (IFS=: read p q; echo $q)
t set; set -- a b c; echo $# $2; shift; echo $*; set -e; set +e; (set -u; echo ${nothing_here}) 2>/dev/null; echo $?
t eval; eval 'echo $((2 + 3))'; x='echo word'; $x
t umask; umask; umask 077; touch u; stat -c %a u; umask 022
t getopt; sh -c 'while getopts ab: o; do echo $o $OPTARG; done' x -a -b v
t proc; cat /proc/self/comm; tr '\0' ' ' < /proc/self/cmdline; echo; ls -d /proc/1 /proc/self; grep -c '^MemTotal' /proc/meminfo; readlink /proc/self/exe
t ps; ps -o pid,comm | grep -c '^ *1 '; ps | head -1 | tr -s ' '
t free; free | head -1 | tr -s ' '; free | wc -l
t uptime; uptime | grep -c load
t mount; mount | grep -c ' /proc '
t devices; echo x > /dev/null; head -c 4 /dev/zero | od -An -tx1; head -c 10 /dev/urandom | wc -c; ls -l /dev/null | cut -c1; echo x > /dev/full; echo $?
t mkfifo; mkfifo q; (echo through > q &); cat q; ls -l q | cut -c1
t time; { time true; } 2>&1 | grep -c real
t dmesg; dmesg | wc -l | grep -c '[0-9]'
t vi; printf 'first\nsecond\n' > v; printf ':%%s/second/third/\r:wq\r' | vi v > /dev/null 2>&1; cat v
t less; seq 3 | less -E 2>/dev/null | cat
t strings; strings -n 3 t.tar | head -1; fold -w 3 <<X
abcdef
X
t nl; seq 2 | nl | tr -s ' '; seq 2 | rev; seq 3 | tac; seq 4 | paste - -; expand <<X
a	b
X
t shuf; seq 50 | shuf | sort -n | md5sum
t timeout; timeout 1 sleep 5; echo $?; timeout 5 true; echo $?
t which; which ls; type cd; command -v echo
t stat; stat -c '%F' /dev/null /tmp /proc/self/exe | sort -u
t du; mkdir du; dd if=/dev/zero of=du/f bs=4k count=4 2>/dev/null; [ $(du -s du | cut -f1) -ge 16 ] && echo enough
t crc32; crc32 x
t base64; echo hello | base64; echo aGVsbG8K | base64 -d; uuencode -m n < /dev/null | wc -l
t ulimit; ulimit -n; ulimit -s; (ulimit -n 10; ulimit -n)
t memory; dd if=/dev/zero bs=1M count=8 2>/dev/null | wc -c; awk 'BEGIN { for (i = 0; i < 50000; i++) a[i] = i; s = 0; for (i in a) s += a[i]; print s }'
t deep; f() { [ $1 = 0 ] && echo bottom || f $(($1 - 1)); }; f 200
t many; i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i + 1)); done; echo $i
cd /; rm -rf /tmp/w; ls /tmp | wc -l
echo @END
poweroff -f

/*
 * lesson.h: things to show in front of a class. Each does something with memory, says what it sees,
 * and puts everything back, also when memory runs out in the middle.
 */
#ifndef MONITOR_LESSON_H
#define MONITOR_LESSON_H

#include <stdint.h>

struct lesson {
    const char *name, *argument, *what;
    void (*give)(uint32_t argument); /* 0: none was given */
};

extern const struct lesson lessons[];
extern const unsigned lesson_count;

void lesson_alias(uint32_t unused);
void lesson_stale(uint32_t unused);
void lesson_large(uint32_t unused);
void lesson_fragments(uint32_t unused);
void lesson_pressure(uint32_t unused);
void lesson_highmem(uint32_t megabyte);
void lesson_kmalloc(uint32_t bytes);
void lesson_realmode(uint32_t times);

#endif

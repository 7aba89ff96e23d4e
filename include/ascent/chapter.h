/*
 * chapter.h: the system as of a chapter of docs/.
 *
 * `make checkpoint N=` writes checkpoint_number.h, with a lower number than the last. What a later
 * chapter explains is then left out: chapter_has() is a constant, the compiler drops the call, and
 * the linker what nobody calls. What each checkpoint has: include/ascent/chapters.def.
 */
#ifndef ASCENT_CHAPTER_H
#define ASCENT_CHAPTER_H

#include <ascent/layout.h>

#if __has_include(<checkpoint_number.h>)
#include <checkpoint_number.h>
#else
#define CHAPTER CHAPTER_LAST
#define CHECKPOINT_TEXT ""
#endif

/* Has the system what this chapter explains? Always, but for checkpoints. */
#define chapter_has(number) (CHAPTER >= (number))

/* For a table: this function, or none before that chapter. */
#define chapter_part(number, function) (chapter_has(number) ? (function) : 0)

#endif

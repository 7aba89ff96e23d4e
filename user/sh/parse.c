/*
 * parse.c: words become pipelines:
 *
 *   line     = pipeline { ("&&" | "||" | ";" | "&") pipeline }
 *   pipeline = command { "|" command }
 *   command  = { word | redirection }
 */
#include "sh.h"

/* One command; the word behind it, or a null pointer. */
static const struct word *parse_command(const struct word *at, struct command *command) {
    command->count = command->redirection_count = 0;
    for (;; at++) {
        if (at->kind == WORD) {
            command->words[command->count++] = at->text;
        } else if (at->kind == LESS || at->kind == GREATER || at->kind == APPEND) {
            if (at[1].kind != WORD || command->redirection_count == COMMANDS_MAX) return NULL;
            command->redirections[command->redirection_count++] =
                (struct redirection){at->kind, at->fd, at[1].text};
            at++;
        } else {
            command->words[command->count] = NULL;
            return command->count || command->redirection_count ? at : NULL;
        }
    }
}

bool parse_pipeline(const struct word *at, struct pipeline *pipeline) {
    pipeline->count = 0;
    do {
        if (pipeline->count == COMMANDS_MAX) return false;
        at = parse_command(pipeline->count ? at + 1 : at, &pipeline->commands[pipeline->count]);
        if (!at) return false;
        pipeline->count++;
    } while (at->kind == PIPE);
    pipeline->behind = at->kind == END ? SEMICOLON : at->kind;
    pipeline->text = pipeline->commands[0].words[0];
    return true;
}

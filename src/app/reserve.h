/* reserve.h - room kept on the node's disk for its last words.
 *
 * FOLDER/reserve holds blocks while the node runs.  When the store's disk fails they are given back, so that
 * on a full disk too FOLDER/last-words and the log's last lines find room.  The next start reads the last
 * words out, and removes them once the store took a flush again.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

/* Logs when there is no room for it: that is no reason not to start. */
void reserve_take(const char *folder);
void reserve_speak(const char *folder, str words); /* gives it back and writes last-words */
str reserve_last_words(struct arena *a, const char *folder); /* empty: there are none */
void reserve_forget(const char *folder);

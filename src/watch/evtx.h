/* evtx.h - reads Windows event logs (EVTX): each record becomes one line of JSON.
 *
 * A reader is made once and serves one file after another.  It looks at the bytes of a whole file (mapped or
 * read by the caller, who keeps them until the last record was used) and does no input or output itself.
 *
 *     struct evtx *log = evtx_new(arena);
 *     if (!evtx_open(log, bytes, &err)) ...
 *     while (evtx_next(log, &record))
 *             use(record.json);
 *
 * The shape of the JSON is that of evtx_dump (the twins of EVTX files that rules come with): elements are
 * members, attributes stand in "#attributes", text beside them in "#text"; <Data Name="X"> of EventData and
 * UserData is member "X", unnamed ones are {"Data":{"#text":[...]}}.
 * Integers and floats are numbers, booleans true and false, the hexadecimal types "0x1f", GUIDs upper case
 * without braces, times ISO 8601 with microseconds and Z, SIDs S-1-..., binary data upper case hex.
 * Where evtx_dump loses something or cannot go on, we differ on purpose:
 *   - an array is a JSON array where it is all the text of its element (evtx_dump repeats the element);
 *   - text after a NUL inside a string stays, so that nothing hides behind it;
 *   - entity and character references are the characters that they mean; CDATA is text;
 *   - unnamed <Data> beside named ones stays, as "Data";
 *   - a second member X of an object is X once more, not X_1: rules ask for X, and the matching engine takes
 *     all values of a name, so that nobody hides one by writing another before it.
 *
 * I1. A record's json is one line of valid UTF-8, one JSON object, at most EVTX_TEXT_MAX bytes; a name
 *     may stand in an object several times.
 * I2. Whatever the bytes, evtx_next ends and reads nothing outside of the file; only evtx_new takes memory.
 *     The work that a chunk of 64 KiB can ask for is bounded.
 * I3. What is wrong with a file is told once at its place to `on_problem` and counted; the rest goes on.
 * I4. Records come in the order of the file: of each chunk its own, then what is found behind their end.
 * I5. Nothing is allocated for a record.  json is valid until the next call of evtx_next or evtx_open.
 *
 * Sources: "Windows XML Event Log (EVTX) format" of libyal/libevtx (J. Metz); [MS-EVEN6] 2.2.12 to 2.2.17
 * (BinXml), 3.1.4.7.5 (array types); for the shape, omerbenamram/evtx.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/instant.h"

enum { EVTX_TEXT_MAX = 1 << 20 };

enum evtx_trouble {
	EVTX_FILE_HEADER,       /* the file's header is missing or its checksum is wrong: read all the same */
	EVTX_CHUNK_MISSING,     /* 64 KiB without a chunk's header, and not empty: searched for records */
	EVTX_CHUNK_HEADER,      /* a chunk's header has a wrong checksum: read all the same */
	EVTX_CHUNK_DATA,        /* a chunk's records have a wrong checksum: read all the same */
	EVTX_RECORD_TORN,       /* bytes among the records of a chunk that are no whole record: passed over */
	EVTX_RECORD_BAD,        /* a record whose content cannot be read: left out */
	EVTX_RECORD_PARTIAL,    /* a record with values cut short: given as far as it goes */
	EVTX_REMAINS,           /* behind a chunk's end, once a chunk: old records that cannot be read */
	EVTX_RECORD_LIMIT,      /* a record that asks for more text or work than a limit allows: left out */
	EVTX_FILE_CUT,          /* the file ends inside a chunk */
	EVTX_TROUBLES
};

struct evtx_problem {
	enum evtx_trouble what;
	int64_t           offset;       /* in the file */
	uint64_t          record;       /* its number; 0 where there is none */
	const char       *text;         /* plain English, static */
};

struct evtx_record {
	uint64_t       number;          /* EventRecordID, of the record's header */
	struct instant written;         /* of the record's header; us 0 if it is no time of years 1 to 9999 */
	str            json;
	int64_t        offset;          /* of the record in the file */
	bool           recovered;       /* found outside of what the chunk counts as its records */
	bool           partial;         /* see EVTX_RECORD_PARTIAL */
};

struct evtx_counts {
	int64_t records, recovered, chunks;
	int64_t chunks_uncounted;       /* beyond what the file's header says */
	int64_t problems[EVTX_TROUBLES];
	bool    dirty;                  /* the file was not closed properly: its header lags behind */
};

struct evtx;

bool         evtx_is(str head);                         /* looks like an EVTX file: eight bytes are enough */
struct evtx *evtx_new(struct arena *a);                 /* about 5 MiB of the arena */
void         evtx_on_problem(struct evtx *log, void (*tell)(void *user, const struct evtx_problem *p),
                             void *user);

/* ERR_INPUT if there is no EVTX in it at all.  The bytes are kept, not copied. */
MUST_CHECK bool evtx_open(struct evtx *log, str file, struct err *err);
/* Some of the chunks of a file alone, from `offset` of the file on, where a chunk begins (4096, then every
 * EVTX_CHUNK bytes): so that several readers can share a file.  What offset 0 holds is for evtx_open. */
enum { EVTX_HEADER = 4096, EVTX_CHUNK = 65536 };
void         evtx_open_chunks(struct evtx *log, str chunks, int64_t offset);
bool         evtx_next(struct evtx *log, struct evtx_record *out_record);      /* false: no more */
struct evtx_counts evtx_count(const struct evtx *log);                         /* so far, of this file */
int64_t      evtx_position(const struct evtx *log);     /* bytes of the str passed, for progress */

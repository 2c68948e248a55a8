/* binxml.h - binary XML of Windows event logs: one chunk's trees, a record as JSON.  Inner to evtx.
 *
 * Offsets are relative to the chunk.  A template is read once for each chunk, to a tree whose names and fixed
 * text are escaped already; a record is then its tree written out with the record's values put in.
 *
 * I1. Nodes and fixed text of templates stay until the next binxml_chunk; those of a record go with it.
 * I2. Trees are at most BINXML_DEPTH deep, together with the trees in their values.
 * I3. What a record, and a chunk, may take in steps and text is bounded; past that the record is refused.
 */
#pragma once
#include "base/arena.h"
#include "watch/evtx_value.h"

enum {
	BINXML_CHUNK = 65536, BINXML_DEPTH = 64, BINXML_NODES = 32768, BINXML_VALUES = 32768,
	BINXML_TEMPLATES = 4096,        /* a power of two; half of it is used at most */
	BINXML_TEXT = 1 << 20,
};

enum binxml_kind { BINXML_ELEMENT, BINXML_ATTRIBUTE, BINXML_FIXED, BINXML_VALUE };

enum {                                  /* flags of elements */
	BINXML_CONTAINER = 1,           /* EventData, UserData */
	BINXML_DATA = 2,                /* <Data> */
	BINXML_HAS_ELEMENT = 4,         /* an element stands in it */
	BINXML_KEY_FIXED = 16,          /* <Data> with a fixed Name: `key` is its member name */
	BINXML_KEY_VALUE = 32,          /* <Data> with a Name that comes from values */
};

/* Index 0 is no node. */
struct binxml_node {
	uint8_t  kind, flags;
	uint16_t value;                 /* VALUE: index of the template's value */
	uint32_t text, text_len;        /* FIXED: escaped text; others: "its name": with the colon */
	uint32_t next, child;           /* siblings; content */
	uint32_t attribute;             /* ELEMENT: first attribute */
	uint32_t key, key_len;          /* KEY_FIXED: as `text`; KEY_VALUE: `key` is the Name attribute */
};

struct binxml_template { uint32_t chunk, at, root, nodes; };    /* root 0: it could not be read */

struct binxml {
	const uint8_t          *bytes;          /* of the chunk */
	uint32_t                size;
	uint32_t                chunk;          /* counts chunks: the mark of what belongs to this one */
	struct binxml_node     *nodes;
	uint32_t                node_count;
	struct binxml_value    *values;
	uint32_t                value_count;
	struct binxml_template *templates;
	uint32_t                template_count;
	struct text_out         fixed;          /* escaped names and text of the trees */
	struct text_out         out;            /* the record */
	int64_t                 steps;          /* left for this record */
	int64_t                 chunk_steps, chunk_text;        /* left for this chunk */
	int                     depth;          /* of what is being read or written */
	bool                    strict;         /* a template must carry the id that the record names */
	bool                    partial, limit;
	const char             *trouble;        /* what is wrong with this record, static; and where */
	uint32_t                trouble_at;
};

void binxml_init(struct binxml *b, struct arena *a);
void binxml_chunk(struct binxml *b, const uint8_t *bytes, uint32_t size);

/* The content of a record at [at, end) as JSON in b->out.  False: see trouble, limit. */
MUST_CHECK bool binxml_record(struct binxml *b, uint32_t at, uint32_t end, bool strict);

/* ---- between binxml.c, which reads, and binxml_json.c, which writes */

struct binxml_values { const struct binxml_value *ptr; uint32_t count; };

/* One piece of content: a tree, and the values that belong in it. */
struct binxml_piece {
	uint32_t             root;
	struct binxml_values values;
	bool                 scratch;   /* no template: the tree goes with the piece, back to these marks */
	uint32_t             nodes;
	ptrdiff_t            text;
};

/* The next element or template instance of [*at, end); *at moves behind it.  False: none, or trouble.
 * Pieces are released in the opposite order. */
bool binxml_next_piece(struct binxml *b, uint32_t *at, uint32_t end, struct binxml_piece *out_piece);
void binxml_release(struct binxml *b, const struct binxml_piece *piece);
bool binxml_refuse(struct binxml *b, uint32_t at, const char *text);    /* false; keeps the first text */
bool binxml_over(struct binxml *b);                                     /* false; marks the limit */
bool binxml_step(struct binxml *b, int64_t steps);      /* false: none left.  A piece costs its nodes */
void binxml_write(struct binxml *b, const struct binxml_piece *piece);  /* the whole record's object */

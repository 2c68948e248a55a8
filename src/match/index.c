/* index.c - how the value of a field finds the predicates that may hold on it.
 *
 * Exact texts by the hash of the whole value; beginnings and ends by their outermost eight or four
 * bytes; what stands
 * anywhere, and globs, by the rarest four bytes of their literal, which a bitmap and then a table look
 * for at each
 * place of the value.  What none of these can find (numbers, networks, regexes, texts under four bytes)
 * wakes its rules
 * when the field has any value.  Keywords have indexes of their own, one a logsource, over all leaves.
 */
#include "match/build.h"
#include <stdlib.h>
#include "match/fold.h"
#include "match/sieve.h"

static str longest_literal(const struct image_piece *pieces, const char *strings,
			   const struct image_predicate *p)
{
	str best = { 0 };
	for (uint32_t i = 0; i < p->pieces.count; i++) {
		const struct image_piece *g = &pieces[p->pieces.first + i];
		if (g->kind == GLOB_LITERAL && g->text.len > best.len)
			best = (str){ strings + g->text.at, g->text.len };
	}
	return best;
}

bool index_can(const struct image_predicate *p)
{
	if (p->op != PREDICATE_TEXT || p->shape == TEXT_PRESENT)
		return false;
	return p->shape == TEXT_EXACT || (p->text.len >= 4 && !(p->flags & PREDICATE_UNFOLDED));
}

/* Common in what machines log: the more common, the greater. */
static int commonness(char c)
{
	static const char order[] = "zqj:xkvwybfgpumchdlrsnitoae0123456789.\\ -/_";
	const char *at = c ? strchr(order, c) : NULL;
	return at ? (int)(at - order) : (unsigned char)c >= 'a' ? 5 : 0;
}

/* Four bytes that many Windows events hold, by how many: [n] in about one of 64 >> n events, or more often.
 * Counted in public recordings (OTRF Security-Datasets, MIT); a guess that is wrong costs time, never a
 * verdict. */
static const char *const common_grams[] = {
	[2] = "   h  ho add del nam obj or  reg sys-3e3-4fb-62e-62f-aud-pow-sec.mar2-4f24|c2\\co"
	      "2\\ls2\\ps2\\sy2\\wb2\\wi2fe-2f|c32\\c32\\l32\\p3a2f3b-a3e3b3|c:4dc-4fb26.th62fe64dc64ff"
	      "6|c:: re\\app\\con\\loc\\psm\\sof\\ste\\wbe\\wmi_suca-3ea2f|ab\\pacctaddeagerain.al salue"
	      "anagapplare\\arieatekatinb-a6b2-6b42aba-3bem\\bjecc.thcal ccesceexcommct acutic|c:"
	      "d ord4-2da-2dc.tddedde-2ded deledit_ditie.mae: re\\miect ecuted oedgeeexteletell."
	      "em\\wer.eersietedevenevieexecexthfb2-fileft wftwag sygusthklmi.dliceeie.mild.imag"
	      "in.dinbuion6ion\\iprvit_sitinity-jectklm\\l seletelicalicyll+4lm\\sm\\wmmagemainmana"
	      "marimiprmsern.dln6.tnagenamenbuindinng sobjeoftwolicon6.or dows pipeplicpolippli"
	      "procprvspsmsr deramere\\mrocersiorvsery oryevs-pos-sese.esionsmaismsest.dstavstev"
	      "succt adt wit.dlt\\wit_sutavoted tevithostry tryetwarty-aty\\lucceustavaluventvers"
	      "vie.vse.warewbemwinbwmipws-pxecuxthoy oby-auy\\loyeveysma",
	[3] = " cor hos ope ser-64f.the32\\w4d4-4da-4de-64d464da64de6d3b\\micalidaudibe2cbuilcati"
	      "cesscorpcreacurid3b-de6ddorde.loe6d3eateec2becuredroegisekeyft cf|c:gisthashicat"
	      "imphing ion ire.istrkstalab\\le: ll+3mphaoft\\oratordcorksorpoost pedrphasporar.ex"
	      "rdc.re.lreatregirkstrporrulesecusha2statstryt cotatiteketrueudituildule:uritvali",
	[4] = " win.loc2\\rp2\\sv2bb|32.d32\\r3bad3e|c4.dl4c4|\\rpc\\svcad|case.b2bbbad|basebb|cb|c:"
	      "c4|cchoscrt4d4c4d|c:el32elbaersheshihellhirel+2cl32.lbasll+2locanel3nelbocaloft "
	      "owerpcrtpowerpcrrshert4.se.dshelshirsvcht4.dtinguservchowersworkxe+2",
	[5] = " aut-43e-64d-bf4-c22.com.pan22a-2\\ke2\\nt2a-432\\k32\\n32\\s4|c:\\ker\\ntda-43ab.calab"
	      "andaauthb.cobf4cc22adaladll.e.dlernee|c:f-c2f4c-ffbdhorihostinfoionaity\\kernl.dl"
	      "lab.ll.dndalnt antdlonaloritost.pandrnelst.et aut.extdllthorty\\suthoy\\sy",
	[6] = "-sys-win.dllatiodll+eratft-woft-operows-peraratiritys-sysmonsysmt-witionws-sysmo",
	[7] = ".exe2\\vb32\\v\\vboboxsce.ecrose.exerviexe+ice.icromicrosofoxserosorvicservsoftvice"
	      "xser|c:\\",
	[8] = ":\\wi\\sys\\winc:\\wdowsem32indom32\\ndowows\\s\\systemsysttem3windws\\syste",
};

/* How often each four bytes stand in the literals of one index: what many share (md5=, c:\wi) finds too
 * many. */
struct census {
	uint8_t count[1 << 16]; /* by a hash of the gram, up to 255 */
};

void index_begin(struct build *b)
{
	b->gram_levels = NEW(b->tmp, uint8_t, 1 << 16);
	for (int level = 2; level < COUNTOF(common_grams); level++)
		for (const char *g = common_grams[level]; g && *g; g += 4)
			b->gram_levels[image_gram_bit(image_gram(g), 16)] = (uint8_t)level;
}

int index_level(const struct build *b, str literal)
{
	int least = 0;
	for (ptrdiff_t i = 0; i + 4 <= literal.len; i++) {
		int level = b->gram_levels[image_gram_bit(image_gram(literal.ptr + i), 16)];
		least = i == 0 || level < least ? level : least;
	}
	return least;
}

static uint8_t *census_at(struct census *c, const char *gram)
{
	return &c->count[image_gram_bit(image_gram(gram), 16)];
}

/* `verbatim`: as JSON writes it, if there is one like that. */
static uint32_t rarest_gram(const struct build *b, struct census *c, str literal, bool verbatim)
{
	uint32_t best = 0;
	int least = INT32_MAX;
	for (ptrdiff_t i = 0; i + 4 <= literal.len; i++) {
		int sum = verbatim && !sieve_verbatim(literal.ptr + i) ? 1000000 : 0;
		sum += 12 * MIN(*census_at(c, literal.ptr + i), 200);
		for (int j = 0; j < 4; j++)
			sum += commonness(literal.ptr[i + j]);
		int level = b->gram_levels[image_gram_bit(image_gram(literal.ptr + i), 16)];
		sum += level ? 40 << level : 0;
		if (sum < least) {
			least = sum;
			best = (uint32_t)i;
		}
	}
	return best;
}

struct wanted {
	uint32_t owner, predicate;
}; /* owner: field, or past the fields a logsource */
struct entry {
	uint64_t key;
	struct image_posting to;
};

static int by_key(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->to.predicate < b->to.predicate ? -1 : a->to.predicate > b->to.predicate;
}

/* A table of open addressing, at most half full. */
static struct image_table add_table(struct build *b, struct entry *e, ptrdiff_t count)
{
	struct image_table t = { (uint32_t)SECTION_COUNT(b->s.slots, struct image_slot), IMAGE_NONE };
	if (count == 0)
		return t;
	qsort(e, (size_t)count, sizeof *e, by_key);
	uint32_t size = 4;
	while (size < 2 * count)
		size *= 2;
	t.mask = size - 1;
	static const struct image_slot empty;
	for (uint32_t i = 0; i < size; i++)
		section_add(&b->s.slots, &empty, sizeof empty);
	struct image_slot *slots = SECTION_AT(b->s.slots, struct image_slot, t.first);
	for (ptrdiff_t i = 0; i < count;) {
		uint32_t at = image_slot_of(e[i].key, t.mask);
		while (slots[at].postings.count)
			at = (at + 1) & t.mask;
		slots[at].key = e[i].key;
		slots[at].postings.first = (uint32_t)SECTION_COUNT(b->s.postings, struct image_posting);
		for (uint64_t key = e[i].key; i < count && e[i].key == key; i++) {
			section_add(&b->s.postings, &e[i].to, sizeof e[i].to);
			slots[at].postings.count++;
		}
	}
	return t;
}

/* The literal that the predicate is found by, folded. */
static str witness_literal(struct build *b, const struct image_predicate *p)
{
	const struct image_piece *pieces = SECTION_AT(b->s.pieces, struct image_piece, 0);
	if (p->pieces.count == 0)
		return S("");
	str t = longest_literal(pieces, b->s.strings.at, p);
	return p->cased ? build_folded(b, t) : t;
}

/* By four bytes anywhere: also long beginnings, since too many begin alike (c:\\windows\\). */
static bool scanned_for(const struct image_predicate *p)
{
	return p->shape == TEXT_CONTAINS || p->shape == TEXT_GLOB ||
	       (p->shape == TEXT_PREFIX && p->text.len >= 12);
}

static void count_grams(struct build *b, struct census *c, const struct wanted *w, ptrdiff_t count)
{
	memset(c->count, 0, sizeof c->count);
	for (ptrdiff_t i = 0; i < count; i++) {
		const struct image_predicate *p =
			SECTION_AT(b->s.predicates, struct image_predicate, w[i].predicate);
		if (!index_can(p) || !scanned_for(p))
			continue;
		str t = witness_literal(b, p);
		for (ptrdiff_t j = 0; j + 4 <= t.len; j++)
			if (*census_at(c, t.ptr + j) < 255)
				++*census_at(c, t.ptr + j);
	}
}

/* Under which key of which table the predicate is found, and what is checked there. */
static enum index_kind place(struct build *b, struct census *c, uint32_t number, struct entry *out)
{
	const struct image_predicate *p = SECTION_AT(b->s.predicates, struct image_predicate, number);
	str t = witness_literal(b, p);
	bool around = scanned_for(p);
	enum index_kind kind = INDEX_GRAM;
	struct image_posting *to = &out->to;
	*to = (struct image_posting){ number, build_text(b, t), 0, PLACE_AROUND, !p->cased };
	if (p->shape == TEXT_EXACT) {
		to->place = PLACE_WHOLE;
		out->key = image_key(t.ptr, t.len);
		kind = INDEX_EXACT;
	} else if (p->shape == TEXT_PREFIX && !around) {
		to->place = PLACE_BEGINNING;
		out->key = image_key(t.ptr, t.len >= 8 ? 8 : 4);
		kind = t.len >= 8 ? INDEX_HEAD8 : INDEX_HEAD4;
	} else if (p->shape == TEXT_SUFFIX) {
		to->place = PLACE_END;
		out->key = t.len >= 8 ? image_key(t.ptr + t.len - 8, 8) : image_key(t.ptr + t.len - 4, 4);
		kind = t.len >= 8 ? INDEX_TAIL8 : INDEX_TAIL4;
	} else {
		to->place = p->shape == TEXT_PREFIX ? PLACE_BEGINNING : PLACE_AROUND;
		to->enough = !p->cased && p->shape != TEXT_GLOB;
		to->witness = rarest_gram(b, c, t, p->field == IMAGE_NONE);
		out->key = image_gram(t.ptr + to->witness);
	}
	return kind;
}

static void add_filter(struct build *b, struct image_index *x, const struct entry *e, ptrdiff_t count)
{
	if (count == 0)
		return;
	uint32_t bits = 10;
	while ((1 << bits) < 24 * count && bits < 19)
		bits++;
	x->filter = (uint32_t)SECTION_COUNT(b->s.words, uint64_t);
	x->filter_bits = bits;
	uint64_t *map = NEW(b->tmp, uint64_t, 1 << (bits - 6));
	for (ptrdiff_t i = 0; i < count; i++) {
		uint32_t bit = image_gram_bit((uint32_t)e[i].key, bits);
		map[bit / 64] |= 1ull << (bit % 64);
	}
	for (ptrdiff_t i = 0; i < 1 << (bits - 6); i++)
		section_add(&b->s.words, &map[i], sizeof map[i]);
}

/* Keywords: their four bytes are looked for in the raw record first, if each has four that JSON writes
 * plainly. */
static void add_sieve(struct build *b, struct image_index *x, const struct entry *e, ptrdiff_t count)
{
	x->sieve = IMAGE_NONE;
	uint32_t *grams = NEW(b->tmp, uint32_t, count + 1);
	for (ptrdiff_t i = 0; i < count; i++) {
		grams[i] = (uint32_t)e[i].key;
		if (!sieve_verbatim((const char *)&grams[i]))
			return;
	}
	uint64_t words[SIEVE_WORDS];
	if (count == 0)
		return;
	sieve_build(grams, count, words);
	x->sieve = (uint32_t)SECTION_COUNT(b->s.words, uint64_t);
	for (int i = 0; i < SIEVE_WORDS; i++)
		section_add(&b->s.words, &words[i], sizeof words[i]);
}

/* ---- one index a field, and one for the keywords of each logsource */

static int by_owner(const void *x, const void *y)
{
	const struct wanted *a = x, *b = y;
	if (a->owner != b->owner)
		return a->owner < b->owner ? -1 : 1;
	return a->predicate < b->predicate ? -1 : a->predicate > b->predicate;
}

static void build_one(struct build *b, struct census *c, struct image_index *x, const struct wanted *w,
		      ptrdiff_t count)
{
	struct entry *lists[INDEX_KINDS];
	ptrdiff_t n[INDEX_KINDS] = { 0 };
	for (int k = 0; k < INDEX_KINDS; k++)
		lists[k] = NEW(b->tmp, struct entry, count + 1);
	struct section present = { 0 };
	count_grams(b, c, w, count);
	for (ptrdiff_t i = 0; i < count; i++) {
		const struct image_predicate *p =
			SECTION_AT(b->s.predicates, struct image_predicate, w[i].predicate);
		if (index_can(p)) {
			struct entry e;
			enum index_kind k = place(b, c, w[i].predicate, &e);
			lists[k][n[k]++] = e;
			if (k == INDEX_EXACT)
				x->exact_most = MAX(x->exact_most, e.to.literal.len);
		} else
			for (uint32_t r = 0; r < p->wakes.count; r++)
				section_add(&present, SECTION_AT(b->s.wakes, uint32_t, p->wakes.first + r),
					    sizeof(uint32_t));
	}
	for (int k = 0; k < INDEX_KINDS; k++)
		x->tables[k] = add_table(b, lists[k], n[k]);
	add_filter(b, x, lists[INDEX_GRAM], n[INDEX_GRAM]);
	x->sieve = IMAGE_NONE;
	if (n[INDEX_GRAM] == count)
		add_sieve(b, x, lists[INDEX_GRAM], count);
	x->present = (struct range){ (uint32_t)SECTION_COUNT(b->s.wakes, uint32_t),
				     (uint32_t)SECTION_COUNT(present, uint32_t) };
	for (uint32_t i = 0; i < x->present.count; i++)
		section_add(&b->s.wakes, SECTION_AT(present, uint32_t, i), sizeof(uint32_t));
	free(present.at);
}

/* Which logsources ask for each predicate, as bits. */
static uint64_t *askers(struct build *b, ptrdiff_t words)
{
	ptrdiff_t predicates = SECTION_COUNT(b->s.predicates, struct image_predicate);
	uint64_t *bits = NEW(b->tmp, uint64_t, predicates * words + 1);
	for (ptrdiff_t r = 0; r < SECTION_COUNT(b->s.rules, struct image_rule); r++) {
		const struct image_rule *rule = SECTION_AT(b->s.rules, struct image_rule, r);
		uint32_t end = rule->node + SECTION_AT(b->s.nodes, struct image_node, rule->node)->size;
		for (uint32_t i = rule->node; i < end; i++) {
			const struct image_node *n = SECTION_AT(b->s.nodes, struct image_node, i);
			if (n->kind == NODE_PREDICATE)
				bits[n->predicate * words + rule->logsource / 64] |=
					1ull << (rule->logsource % 64);
		}
	}
	return bits;
}

static struct section list_wanted(struct build *b, const uint64_t *bits, ptrdiff_t words)
{
	struct section wanted = { 0 };
	ptrdiff_t fields = SECTION_COUNT(b->s.fields, struct image_field);
	for (ptrdiff_t i = 0; i < SECTION_COUNT(b->s.predicates, struct image_predicate); i++) {
		const struct image_predicate *p = SECTION_AT(b->s.predicates, struct image_predicate, i);
		struct wanted w = { p->field, (uint32_t)i };
		if (p->field != IMAGE_NONE && (p->noted || p->wakes.count))
			section_add(&wanted, &w, sizeof w);
		for (ptrdiff_t l = 0; p->field == IMAGE_NONE && p->wakes.count && l < words * 64; l++) {
			w.owner = (uint32_t)(fields + l);
			if (bits[i * words + l / 64] >> (l % 64) & 1)
				section_add(&wanted, &w, sizeof w);
		}
	}
	if (wanted.len)
		qsort(wanted.at, (size_t)SECTION_COUNT(wanted, struct wanted), sizeof(struct wanted),
		      by_owner);
	return wanted;
}

void index_build(struct build *b)
{
	ptrdiff_t fields = SECTION_COUNT(b->s.fields, struct image_field);
	ptrdiff_t words = (SECTION_COUNT(b->s.logsources, struct image_logsource) + 63) / 64;
	struct census *census = NEW(b->tmp, struct census, 1);
	const uint64_t *bits = askers(b, words);
	struct section wanted = list_wanted(b, bits, words);
	const struct wanted *w = (const struct wanted *)(const void *)wanted.at;
	ptrdiff_t count = SECTION_COUNT(wanted, struct wanted);
	for (ptrdiff_t i = 0, j; i < count; i = j) {
		uint64_t *mask = NEW(b->tmp, uint64_t, words + 1);
		for (j = i; j < count && w[j].owner == w[i].owner; j++)
			for (ptrdiff_t k = 0; k < words; k++)
				mask[k] |= bits[w[j].predicate * words + k];
		struct image_index x;
		memset(&x, 0, sizeof x);
		build_one(b, census, &x, w + i, j - i);
		x.logsources = (uint32_t)SECTION_COUNT(b->s.words, uint64_t);
		for (ptrdiff_t k = 0; k < words; k++)
			section_add(&b->s.words, &mask[k], sizeof mask[k]);
		uint32_t number = section_add(&b->s.indexes, &x, sizeof x);
		if (w[i].owner < fields)
			SECTION_AT(b->s.fields, struct image_field, w[i].owner)->index = number;
		else
			SECTION_AT(b->s.logsources, struct image_logsource, w[i].owner - fields)->index =
				number;
	}
	free(wanted.at);
}

#include "model/host_name.h"

enum { TLD_MAX = 24 };

/* Two letters each: ISO 3166 and the few besides that are delegated. */
static const char country_tlds[] =
	"acadaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjbmbnbobrbsbtbvbwbybzcacccdcfcgchcickclcmcnco"
	"crcucvcwcxcyczdedjdkdmdodzeceeegereseteufifjfkfmfofrgagbgdgegfggghgiglgmgngpgqgrgsgtgugwgyhkhmhn"
	"hrhthuidieiliminioiqirisitjejmjojpkekgkhkikmknkpkrkwkykzlalblclilklrlsltlulvlymamcmdmemgmhmkmlmm"
	"mnmompmqmrmsmtmumvmwmxmymznancnenfngninlnonpnrnunzompapepfpgphpkplpmpnprpsptpwpyqarerorsrurwsasb"
	"scsdsesgshsisjskslsmsnsosrssstsusvsxsysztctdtftgthtjtktltmtntotrtttvtwtzuaugukusuyuzvavcvevgvivn"
	"vuwfwsyeytzazmzw";

/* Endings of files that are no top-level domains. */
static const char *const file_endings[] = {
	"apk",  "asp",  "aspx",   "avi",  "bak",  "bat", "bin",  "bmp",  "cfg",  "class", "cmd",  "conf",
	"cpp",  "cpl",  "crt",    "css",  "csv",  "dat", "deb",  "dll",  "dmg",  "doc",   "docm", "docx",
	"drv",  "dump", "elf",    "eml",  "eps",  "exe", "gif",  "gzip", "hta",  "htm",   "html", "ico",
	"img",  "inf",  "ini",    "ipa",  "iso",  "jar", "java", "jpeg", "jpg",  "jse",   "json", "jsp",
	"jspx", "key",  "lnk",    "log",  "mdb",  "mkv", "msg",  "msi",  "ocx",  "odp",   "ods",  "odt",
	"ova",  "pcap", "pcapng", "pdf",  "pem",  "pfx", "php",  "pkg",  "png",  "ppt",   "pptm", "pptx",
	"psm",  "pst",  "rar",    "reg",  "rpm",  "rtf", "scr",  "sql",  "svg",  "swf",   "sys",  "tar",
	"tgz",  "tif",  "tiff",   "tmp",  "toml", "txt", "url",  "vbe",  "vbs",  "vhd",   "vhdx", "vmdk",
	"wav",  "war",  "wasm",   "webp", "wsf",  "xla", "xlam", "xls",  "xlsb", "xlsm",  "xlsx", "xml",
	"xps",  "yaml", "yar",    "yara", "yml",
};

/* Top-level domains whose two-label names are nearly always archives and films. */
static const char *const file_tlds[] = { "zip", "mov" };

/* Countries whose letters are endings too, with the names that files under them have. */
static const char *const source_tlds[] = { "md", "py", "sh", "rs", "so", "ps", "pl" };
static const char *const source_stems[] = {
	"readme", "license", "changelog", "contributing", "security", "setup",  "main",    "index", "test",
	"tests",  "install", "run",       "build",        "config",   "script", "exploit", "poc",   "scanner",
	"server", "client",  "app",       "lib",          "mod",      "utils",  "start",
};

/* Delegated top-level domains in other scripts, as Punycode. */
static const char *const unicode_tlds[] = {
	"xn--mgbai9azgqp6j", "xn--mgba3a4f16a", "xn--mgbaam7a8h", "xn--mgberp4a5d4ar", "xn--wgbh1c",
	"xn--mgbbh1a71e",    "xn--h2brj9c",     "xn--fiqs8s",     "xn--fiqz9s",        "xn--j6w193g",
	"xn--kprw13d",       "xn--kpry57d",     "xn--3e0b707e",   "xn--o3cw4h",        "xn--p1ai",
	"xn--j1amh",         "xn--90ais",       "xn--90a3ac",     "xn--d1alf",         "xn--e1a4c",
	"xn--qxam",          "xn--qxa6a",       "xn--p1acf",      "xn--80asehdb",      "xn--80aswg",
	"xn--c1avg",         "xn--55qx5d",      "xn--io0a7i",     "xn--ses554g",       "xn--3ds443g",
	"xn--ngbc5azd",      "xn--4gbrim",      "xn--54b7fta0cc", "xn--mgbayh7gpa",    "xn--mgbpl2fh",
	"xn--mgbtx2b",       "xn--pgbs0dh",     "xn--y9a3aq",     "xn--node",          "xn--80ao21a",
	"xn--90ae",
};

static bool in_table(str label, const char *const *table, ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++)
		if (str_eq(label, str_from(table[i])))
			return true;
	return false;
}

#define IN_TABLE(label, table)  in_table((label), (table), COUNTOF(table))

static bool is_lower(uint32_t c)
{
	return c - 'a' < 26u;
}

static bool is_upper(uint32_t c)
{
	return c - 'A' < 26u;
}

/* Punctuation and format characters inside the ranges that are otherwise letters and marks. */
static bool is_far_punctuation(uint32_t c)
{
	static const struct {
		uint16_t first, last;
	} holes[] = {
		{ 0x05BE, 0x05BE }, { 0x05C0, 0x05C0 }, { 0x05C3, 0x05C6 }, { 0x05F3, 0x060F },
		{ 0x061B, 0x061F }, { 0x066A, 0x066D }, { 0x06D4, 0x06D4 }, { 0x06DD, 0x06DD },
		{ 0x0700, 0x070F }, { 0x0964, 0x0965 }, { 0x0970, 0x0970 }, { 0x0E4F, 0x0E4F },
		{ 0x0E5A, 0x0E5B }, { 0x104A, 0x104F }, { 0x1360, 0x1368 }, { 0x1680, 0x1680 },
		{ 0x17D4, 0x17DA }, { 0x1800, 0x180E },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(holes); i++)
		if (c >= holes[i].first && c <= holes[i].last)
			return true;
	return false;
}

bool host_is_far_letter(uint32_t c)
{
	bool in_range = (c >= 0x0590 && c <= 0x1FFF) || (c >= 0x3041 && c <= 0x30FF && c != 0x30FB) ||
			(c >= 0x3105 && c <= 0x312F) || (c >= 0x3400 && c <= 0x4DBF) ||
			(c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xA000 && c <= 0xD7A3) ||
			(c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
	return in_range && !is_far_punctuation(c);
}

bool host_is_letter(uint32_t c)
{
	bool near = (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) || (c >= 0x250 && c <= 0x2AF) ||
		    (c >= 0x300 && c <= 0x36F) ||
		    (c >= 0x370 && c <= 0x587 && c != 0x37E && c != 0x387 && !(c >= 0x55A && c <= 0x55F));
	return near || host_is_far_letter(c);
}

static uint32_t lower(uint32_t c)
{
	if (is_upper(c))
		return c + 32;
	if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3AB) || (c >= 0x410 && c <= 0x42F))
		return c + 32;
	if (c >= 0x400 && c <= 0x40F)
		return c + 80;
	if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || (c >= 0x460 && c <= 0x481) ||
	    (c >= 0x48A && c <= 0x4BF))
		return c | 1;
	if (c >= 0x531 && c <= 0x556)
		return c + 48;
	return c;
}

/* RFC 3492 section 6.1 */
static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;
	delta = first ? delta / 700 : delta / 2;
	for (delta += delta / points; delta > 455; k += 36)
		delta /= 35;
	return k + 36 * delta / (delta + 38);
}

static bool put_char(char *out, int *n, int max, char c)
{
	if (*n >= max)
		return false;
	out[(*n)++] = c;
	return true;
}

static bool put_delta(char *out, int *n, int max, uint32_t delta, uint32_t bias)
{
	for (uint32_t q = delta, k = 36;; k += 36) {
		uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
		uint32_t digit = q < t ? q : t + (q - t) % (36 - t);
		if (!put_char(out, n, max, (char)(digit < 26 ? 'a' + digit : '0' + digit - 26)))
			return false;
		if (q < t)
			return true;
		q = (q - t) / (36 - t);
	}
}

/* RFC 3492 section 6.3 over lower-cased codes.  At most 63 codes below 0x110000: nothing can overflow 32
 * bits. */
static bool punycode(const uint32_t *codes, int count, char *out, int *n, int max)
{
	uint32_t done = 0, next = 0x80, delta = 0, bias = 72;
	for (const char *p = "xn--"; *p; p++)
		if (!put_char(out, n, max, *p))
			return false;
	for (int i = 0; i < count; i++)
		if (lower(codes[i]) < 0x80) {
			if (!put_char(out, n, max, (char)lower(codes[i])))
				return false;
			done++;
		}
	uint32_t basic = done;
	if (basic && !put_char(out, n, max, '-'))
		return false;
	while (done < (uint32_t)count) {
		uint32_t least = UINT32_MAX;
		for (int i = 0; i < count; i++)
			if (lower(codes[i]) >= next)
				least = MIN(least, lower(codes[i]));
		delta += (least - next) * (done + 1);
		next = least;
		for (int i = 0; i < count; i++) {
			if (lower(codes[i]) < next)
				delta++;
			if (lower(codes[i]) != next)
				continue;
			if (!put_delta(out, n, max, delta, bias))
				return false;
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		next++;
	}
	return true;
}

/* Which underscores are right: none in the last two labels, unless it is surely a host; never in the last. */
enum underscores { UNDERSCORES_NONE, UNDERSCORES_ALLOWED };

/* One label in canonical form at the end of out; false if it is none. */
static bool put_label(const uint32_t *codes, int count, enum underscores allowed, char *out, int *n)
{
	bool ascii = true;
	if (count == 0 || count > HOST_LABEL_MAX || codes[0] == '-' || codes[count - 1] == '-')
		return false;
	for (int i = 0; i < count; i++) {
		ascii &= codes[i] < 0x80;
		if (codes[i] == '_' && allowed == UNDERSCORES_NONE)
			return false;
	}
	int from = *n, max = MIN(from + HOST_LABEL_MAX, HOST_NAME_MAX_LENGTH);
	if (!ascii)
		return punycode(codes, count, out, n, max);
	for (int i = 0; i < count; i++)
		if (!put_char(out, n, max, (char)lower(codes[i])))
			return false;
	return true;
}

static bool is_plausible_tld(str tld, bool written_in_ascii)
{
	if (!written_in_ascii)
		return IN_TABLE(tld, unicode_tlds);
	if (str_starts(tld, S("xn--")))
		return tld.len > 4;
	if (tld.len < 2 || tld.len > TLD_MAX)
		return false;
	for (ptrdiff_t i = 0; i < tld.len; i++)
		if (!is_lower((unsigned char)tld.ptr[i]))
			return false;
	if (tld.len > 2)
		return true;
	for (ptrdiff_t i = 0; i < (ptrdiff_t)sizeof(country_tlds) - 1; i += 2)
		if (memcmp(country_tlds + i, tld.ptr, 2) == 0)
			return true;
	return false;
}

/* "done.Then": a sentence ends and the blank is missing. */
static bool looks_like_sentence(const uint32_t *codes, int dot, int to, str tld)
{
	static const char *const familiar[] = { "com", "net", "org", "info", "biz", "gov", "edu" };
	if (!is_lower(codes[dot - 1]) || !is_upper(codes[dot + 1]) || IN_TABLE(tld, familiar))
		return false;
	for (int i = dot + 2; i < to; i++)
		if (!is_lower(codes[i]))
			return false;
	return true;
}

static enum host_kind judge(const uint32_t *codes, const struct host_name *name)
{
	str whole = { name->text, name->len };
	ptrdiff_t dot = whole.len;
	while (whole.ptr[dot - 1] != '.')
		dot--;
	str tld = str_sub(whole, dot, whole.len), stem = str_sub(whole, 0, dot - 1);
	if (IN_TABLE(tld, file_endings))
		return HOST_FILE;
	if (looks_like_sentence(codes, name->last_dot, name->to, tld))
		return HOST_DOUBTFUL;
	if (str_find_char(stem, '.') >= 0)
		return HOST_NAME;
	bool library = str_eq(tld, S("so")) && str_starts(stem, S("lib"));
	bool source = IN_TABLE(tld, source_tlds) && IN_TABLE(stem, source_stems);
	return IN_TABLE(tld, file_tlds) || library || source ? HOST_DOUBTFUL : HOST_NAME;
}

static int label_start(const uint32_t *codes, int end)
{
	while (end > 0 && codes[end - 1] != '.')
		end--;
	return end;
}

/* The last label, without what hangs on it: evil.example-based, _evil.example_ */
static bool read_tld(const uint32_t *codes, int count, struct host_name *out, char *tld, int *tld_len)
{
	int from = label_start(codes, count), to = count;
	bool ascii = true, puny = count - from > 4 && lower(codes[from]) == 'x' &&
				  lower(codes[from + 1]) == 'n' && codes[from + 2] == '-' &&
				  codes[from + 3] == '-';
	for (int i = from; i < to; i++) {
		if ((codes[i] == '-' && !puny) || codes[i] == '_')
			to = i;
		else
			ascii &= codes[i] < 0x80;
	}
	out->to = to;
	out->last_dot = from - 1;
	return from > 0 && put_label(codes + from, to - from, UNDERSCORES_NONE, tld, tld_len) &&
		is_plausible_tld((str){ tld, *tld_len }, ascii);
}

/* How far to the left the labels are good; -1 if not even the one before the last is. */
static int first_good(const uint32_t *codes, const struct host_name *name, bool sure)
{
	int good = -1, depth = 0;
	for (int end = name->last_dot; end >= 0; depth++) {
		char scratch[HOST_NAME_MAX_LENGTH + 1];
		int from = label_start(codes, end), n = 0;
		enum underscores allowed = sure || depth > 0 ? UNDERSCORES_ALLOWED : UNDERSCORES_NONE;
		while (!sure && depth == 0 && from == 0 && codes[from] == '_' && from < end - 1)
			from++;                                         /* _emphasis_ around a name */
		if (!put_label(codes + from, end - from, allowed, scratch, &n))
			break;
		good = from;
		end = from > 0 && codes[from - 1] == '.' ? from - 1 : -1;
	}
	return good;
}

enum host_kind host_name_read(const uint32_t *codes, int count, bool sure, struct host_name *out)
{
	char tld[HOST_NAME_MAX_LENGTH + 1];
	int tld_len = 0;
	*out = (struct host_name){ .len = 0 };
	if (!read_tld(codes, count, out, tld, &tld_len))
		return HOST_NONE;
	out->from = first_good(codes, out, sure);
	if (out->from < 0)
		return HOST_NONE;
	for (int from = out->from; from <= out->last_dot;) {
		int to = from;
		while (codes[to] != '.')
			to++;
		if (!put_label(codes + from, to - from, UNDERSCORES_ALLOWED, out->text, &out->len) ||
		    !put_char(out->text, &out->len, HOST_NAME_MAX_LENGTH, '.'))
			return HOST_NONE;
		from = to + 1;
	}
	if (out->len + tld_len > HOST_NAME_MAX_LENGTH)
		return HOST_NONE;
	memcpy(out->text + out->len, tld, (size_t)tld_len);
	out->len += tld_len;
	return sure ? HOST_NAME : judge(codes, out);
}

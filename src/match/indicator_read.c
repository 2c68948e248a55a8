/* indicator_read.c - one value of a list: which kind it is, in canonical form, and whether it may be
 * looked for. */
#include "match/indicator_value.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Endings of files that no top-level domain is. */
static bool has_file_ending(str name)
{
	static const char endings[][5] = {
		"exe",  "dll",  "ps1",  "bat",  "cmd", "vbs",  "vbe", "js",  "jse",  "wsf",  "hta",  "lnk",
		"scr",  "sys",  "msi",  "jar",  "elf", "bin",  "dat", "tmp", "doc",  "docm", "docx", "xls",
		"xlsm", "xlsx", "ppt",  "pptx", "pdf", "rtf",  "txt", "log", "rar",  "iso",  "img",  "vhd",
		"apk",  "ipa",  "dmg",  "php",  "asp", "aspx", "jsp", "htm", "html", "png",  "jpg",  "jpeg",
		"gif",  "xml",  "json", "ini",  "cfg", "conf", "bak", "tgz", "gz",   "7z",   "so",   "cpl",
		"ocx",  "psm1", "psd1", "chm",  "url", "reg",  "inf", "one", "eml",  "msg",
	};
	ptrdiff_t dot = name.len;
	while (dot > 0 && name.ptr[dot - 1] != '.')
		dot--;
	str last = str_sub(name, dot, name.len);
	/* "so" and "one" are top-level domains: a name in them is one */
	if (dot == 0 || last.len < 2 || last.len > 4 || str_eq(last, S("so")) || str_eq(last, S("one")))
		return false;
	for (ptrdiff_t i = 0; i < COUNTOF(endings); i++)
		if (memcmp(endings[i], last.ptr, (size_t)last.len) == 0 && endings[i][last.len] == 0)
			return true;
	return false;
}

/* hxxp, [.], [:], [://], [@], (.), [dot]: what people write so that nobody clicks. */
static str refang(str text, char room[static VALUE_MAX])
{
	static const struct {
		str from;
		char to[4];
	} forms[] = {
		{ { "[.]", 3 }, "." },   { { "(.)", 3 }, "." },  { { "[dot]", 5 }, "." },
		{ { "(dot)", 5 }, "." }, { { "[:]", 3 }, ":" },  { { "[://]", 5 }, "://" },
		{ { "[@]", 3 }, "@" },   { { "[at]", 4 }, "@" },
	};
	ptrdiff_t n = 0;
	if (text.len > VALUE_MAX)
		return text;
	for (ptrdiff_t at = 0; at < text.len;) {
		str rest = str_sub(text, at, text.len);
		ptrdiff_t step = 0;
		for (ptrdiff_t f = 0;
		     f < COUNTOF(forms) && step == 0 && (rest.ptr[0] == '[' || rest.ptr[0] == '('); f++) {
			if (!str_starts(rest, forms[f].from))
				continue;
			for (const char *p = forms[f].to; *p; p++)
				room[n++] = *p;
			step = forms[f].from.len;
		}
		if (step == 0)
			room[n++] = rest.ptr[0];
		at += MAX(step, 1);
	}
	if (n > 8 && (room[0] | 32) == 'h' && (room[1] | 32) == 'x' && (room[2] | 32) == 'x' &&
	    (room[3] | 32) == 'p')
		room[1] = room[2] = 't';
	return (str){ room, n };
}

static bool needs_refang(str text)
{
	bool hxxp = text.len > 8 && (text.ptr[0] | 32) == 'h' && (text.ptr[1] | 32) == 'x';
	return hxxp || str_find(text, S("[.]")) >= 0 || str_find(text, S("(.)")) >= 0 ||
	       str_find(text, S("[dot]")) >= 0 || str_find(text, S("(dot)")) >= 0 ||
	       str_find(text, S("[:")) >= 0 || str_find(text, S("[@]")) >= 0 ||
	       str_find(text, S("[at]")) >= 0;
}

/* Bits of what stands in a text, so that most questions about its shape need no second look. */
enum {
	HAS_SLASH = 1,
	HAS_COLON = 2,
	HAS_AT = 4,
	HAS_DOT = 8,
	HAS_OTHER = 16,
	HAS_BRACKET = 32,
	HAS_LETTER = 64
};

static unsigned shape_of(str text)
{
	static const uint8_t bit[256] = {
		['/'] = HAS_SLASH,   [':'] = HAS_COLON,   ['@'] = HAS_AT,    ['.'] = HAS_DOT,
		['['] = HAS_BRACKET, ['('] = HAS_BRACKET, [' '] = HAS_OTHER, ['\\'] = HAS_OTHER,
	};
	unsigned shape = 0;
	for (ptrdiff_t i = 0; i < text.len; i++)
		shape |= bit[(uint8_t)text.ptr[i]];
	return shape;
}

static int kind_by_shape(str text, unsigned shape)
{
	struct ip ip;
	int port;
	if ((shape & HAS_SLASH) == 0) {
		int hash = (shape & (HAS_DOT | HAS_COLON)) == 0 ? value_hash_kind(text) : -1;
		if (hash >= 0)
			return hash;
		if (value_ip(text, &ip))
			return INDICATOR_IP;
		if ((shape & HAS_COLON) && value_ip_port(text, &ip, &port))
			return INDICATOR_IP_PORT;
		if (value_is_ja4(text))
			return INDICATOR_JA4;
		if (shape & HAS_AT)
			return INDICATOR_MAIL;
		if ((shape & HAS_OTHER) || (text.ptr[0] != '.' && has_file_ending(text)))
			return INDICATOR_FILE_NAME;
		return INDICATOR_DOMAIN;
	}
	struct network network;
	return value_network(text, &network, true) ? INDICATOR_NETWORK : INDICATOR_URL;
}

static const char *keep(struct value *v, ptrdiff_t len)
{
	v->text = (str){ v->room, len };
	return NULL;
}

static const char *read_address(const uint64_t secret[static 4], str text, struct value *v)
{
	struct ip ip;
	int port;
	if (v->kind == INDICATOR_IP) {
		if (!value_ip(text, &ip))
			return "is no IP address";
		v->network = (struct network){ ip, 128 };
		v->hash = hash_address(secret, INDICATOR_IP, ip, 0);
		return keep(v, value_write_ip(ip, v->room));
	}
	if (v->kind == INDICATOR_IP_PORT) {
		if (!value_ip_port(text, &ip, &port))
			return "is no address with a port, as 192.0.2.1:443 or [2001:db8::1]:443";
		v->network = (struct network){ ip, 128 };
		v->hash = hash_address(secret, INDICATOR_IP_PORT, ip, (uint64_t)port);
		return keep(v, value_write_ip_port(ip, port, v->room));
	}
	if (!value_network(text, &v->network, true))
		return "is no network, as 192.0.2.0/24";
	v->hash = hash_address(secret, INDICATOR_NETWORK, v->network.first, (uint64_t)v->network.bits);
	if (v->network.bits < 128)
		return keep(v, network_write(v->network, v->room));
	v->kind = INDICATOR_IP; /* a network of one is an address */
	v->hash = hash_address(secret, INDICATOR_IP, v->network.first, 0);
	return keep(v, value_write_ip(v->network.first, v->room));
}

/* 10.0.0.1. is an address with a dot too many */
static bool ends_in_number(const struct name *n)
{
	int i = n->dots > 0 ? n->dot[n->dots - 1] + 1 : 0;
	while (i < n->len && (unsigned char)(n->text[i] - '0') < 10)
		i++;
	return i == n->len;
}

static const char *read_domain(const uint64_t secret[static 4], str text, struct value *v)
{
	struct name n = { .text = v->room };
	char room[NAME_MAX_LENGTH + 1];
	if (str_starts(text, S("*.")))
		text = str_sub(text, 1, text.len);
	v->below = v->all_below || (text.len > 0 && text.ptr[0] == '.');
	if (text.len > 0 && text.ptr[0] == '.')
		text = str_sub(text, 1, text.len);
	if (text.len == 0)
		return "names everything";
	if (!value_name(text, &n) || !value_is_name(&n))
		return "is neither an address, a name, a URL, a mail address, a hash nor a file";
	if (ends_in_number(&n)) {
		memcpy(room, n.text, (size_t)n.len);
		v->kind = INDICATOR_IP;
		const char *wrong =
			v->below ? "ends in a number" : read_address(secret, (str){ room, n.len }, v);
		return wrong != NULL ? "ends in a number, as no name does, and is no IP address" : NULL;
	}
	v->hash = hash_name(secret, &n);
	return keep(v, n.len);
}

static const char *read_url(str text, struct value *v)
{
	struct url u = { .text = v->room };
	if (!value_url(text, &u))
		return "is no URL, host/path or /path";
	if (u.cut)
		return "is longer than 2048 bytes";
	return keep(v, u.len);
}

static const char *read_text(str text, struct value *v)
{
	ptrdiff_t from, to;
	if (text.len > VALUE_MAX)
		return "is longer than 2048 bytes";
	if (v->kind == INDICATOR_MAIL) {
		int n = value_mail(text, v->room, &from, &to);
		return n > 0 ? keep(v, n) : "is no mail address";
	}
	value_lower(v->room, text.ptr, text.len);
	if (v->kind == INDICATOR_JA4)
		return value_is_ja4(text) ? keep(v, text.len) : "is no JA4 fingerprint";
	if (v->kind == INDICATOR_FILE_NAME)
		return text.len > 0 ? keep(v, text.len) : "is empty";
	int hash = value_hash_kind(text);
	if (hash != v->kind && !(hash == INDICATOR_MD5 && v->kind == INDICATOR_JA3))
		return "is no hash of that length in hexadecimal";
	return keep(v, text.len);
}

const char *value_read(const uint64_t secret[static 4], str text, int kind, struct value *out)
{
	char room[VALUE_MAX];
	unsigned shape = shape_of(text);
	out->below = false;
	out->text = (str){ NULL, 0 };
	if (((shape & HAS_BRACKET) || (text.len > 3 && text.ptr[2] == 'x')) && needs_refang(text)) {
		text = refang(text, room);
		shape = shape_of(text);
	}
	while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
		text.len--;
	if (text.len == 0)
		return "is empty";
	out->kind = kind >= 0 ? kind : kind_by_shape(text, shape);
	const char *wrong;
	switch (out->kind) {
	case INDICATOR_IP:
	case INDICATOR_NETWORK:
	case INDICATOR_IP_PORT:
		return read_address(secret, text, out);
	case INDICATOR_DOMAIN:
		return read_domain(secret, text, out);
	case INDICATOR_URL:
		wrong = read_url(text, out);
		break;
	default:
		wrong = read_text(text, out);
		break;
	}
	if (wrong == NULL)
		out->hash = hash_text(secret, (unsigned)out->kind, out->text.ptr, out->text.len);
	return wrong;
}

/* ---- the guard */

static bool is_one_of(str s, const char *const *words, ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++)
		if (str_eq(s, str_from(words[i])))
			return true;
	return false;
}

/* co.uk, com.pk, ac.jp: a kind of organisation below a country */
static bool is_public_suffix(str name)
{
	static const char *const kinds[] = {
		"ac",  "biz", "co",  "com",  "edu", "fam", "firm", "gen", "go",  "gob", "gok",
		"gop", "gos", "gov", "gouv", "id",  "ind", "info", "int", "ltd", "mil", "ne",
		"net", "nhs", "nom", "or",   "org", "plc", "res",  "sch", "web",
	};
	str_cut_result cut = str_cut(name, '.');
	return cut.ok && cut.tail.len == 2 && is_one_of(cut.head, kinds, COUNTOF(kinds));
}

/* Top-level domains that nobody can delegate: what asks for one of their names is worth a look. */
static const char *const private_tops[] = { "onion", "i2p",  "bit",  "bazar", "lib",
					    "emc",   "coin", "exit", "loki" };

static const char *guard_domain(const struct value *v)
{
	if (v->below && is_one_of(v->text, private_tops, COUNTOF(private_tops)))
		return NULL;
	if (str_find_char(v->text, '.') < 0)
		return v->below ? "is a whole top-level domain: it would match half the world"
				: "has no dot: a top-level domain, or a name that any network may have";
	if (is_public_suffix(v->text))
		return "is a public suffix, below which anybody has names: it would match half the world";
	if (v->below && (str_ends(v->text, S(".arpa")) || str_eq(v->text, S("in-addr.arpa"))))
		return "is of the reverse tree: it would match every look-up of an address";
	return NULL;
}

static const char *guard_url(str text)
{
	static const char *const usual[] = {
		"/index.html",  "/index.htm",    "/index.php",   "/index.asp",  "/index.aspx",
		"/index.jsp",   "/default.aspx", "/favicon.ico", "/robots.txt", "/login",
		"/login.php",   "/wp-login.php", "/home",        "/api",        "/api/",
		"/images",      "/images/",      "/img/",        "/js/",        "/css/",
		"/static/",     "/assets/",      "/admin",       "/admin/",     "/search",
		"/main.js",     "/style.css",    "/sitemap.xml", "/xmlrpc.php", "/wp-admin/",
		"/wp-content/",
	};
	if (text.ptr[0] != '/')
		return NULL;
	if (text.len < 3)
		return "is a path that any server has: it would match half the world";
	if (is_one_of(text, usual, COUNTOF(usual)))
		return "is a path that many servers have: it would match half the world";
	return NULL;
}

static const char *guard_file(str name)
{
	static const char *const usual[] = {
		"cmd.exe",     "powershell.exe", "pwsh.exe",     "explorer.exe",
		"svchost.exe", "rundll32.exe",   "regsvr32.exe", "conhost.exe",
		"lsass.exe",   "services.exe",   "winlogon.exe", "csrss.exe",
		"wscript.exe", "cscript.exe",    "mshta.exe",    "notepad.exe",
		"chrome.exe",  "firefox.exe",    "msedge.exe",   "iexplore.exe",
		"outlook.exe", "winword.exe",    "excel.exe",    "kernel32.dll",
		"ntdll.dll",   "desktop.ini",    "index.php",    "index.html",
		"readme.txt",  "setup.exe",      "bash",         "sh",
		"python",      "python3",        "java.exe",     "java",
		"sshd",        "systemd",
	};
	if (name.len < 4)
		return "is too short a file name: it would match half the world";
	return is_one_of(name, usual, COUNTOF(usual)) ? "is a file name that most machines have" : NULL;
}

static const char *guard_address(const struct value *v)
{
	bool v4 = ip_is_v4(v->network.first);
	int bits = v->network.bits - (v4 && v->network.bits >= 96 ? 96 : 0);
	static const struct ip any4 = { { [10] = 0xff, [11] = 0xff } }, any6, own6 = { { [15] = 1 } };
	if (v->kind != INDICATOR_NETWORK) {
		bool any = ip_cmp(v->network.first, any4) == 0 || ip_cmp(v->network.first, any6) == 0;
		if (any)
			return "is the address that stands for all addresses";
		bool own = v4 ? v->network.first.b[12] == 127 : ip_cmp(v->network.first, own6) == 0;
		return own ? "is a machine's own address, which stands in every log" : NULL;
	}
	if (v4 ? bits < 8 : bits < 16)
		return v4 ? "is wider than a /8: it would match half the world"
			  : "is wider than a /16: it would match half the world";
	return NULL;
}

static const char *guard_hash(str text)
{
	static const char *const empty[] = {
		"d41d8cd98f00b204e9800998ecf8427e",
		"da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	};
	if (is_one_of(text, empty, COUNTOF(empty)))
		return "is the hash of an empty file";
	for (ptrdiff_t i = 1; i < text.len; i++)
		if (text.ptr[i] != text.ptr[0])
			return NULL;
	return "is one digit repeated: what programs write where they have no hash";
}

const char *value_guard(const struct value *v)
{
	switch ((enum indicator_kind)v->kind) {
	case INDICATOR_IP:
	case INDICATOR_NETWORK:
	case INDICATOR_IP_PORT:
		return guard_address(v);
	case INDICATOR_DOMAIN:
		return guard_domain(v);
	case INDICATOR_URL:
		return guard_url(v->text);
	case INDICATOR_FILE_NAME:
		return guard_file(v->text);
	case INDICATOR_MD5:
	case INDICATOR_SHA1:
	case INDICATOR_SHA256:
	case INDICATOR_JA3:
		return guard_hash(v->text);
	case INDICATOR_MAIL:
	case INDICATOR_JA4:
		break;
	}
	return NULL;
}

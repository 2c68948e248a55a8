#include "app/conf.h"

#include "base/buf.h"
#include "cases/world.h"
#include "format/yaml.h"
#include "mail/compose.h"
#include "model/number.h"
#include "os/files.h"

enum { CONF_SIZE_MAX = 64 << 10, VALUE_MAX = 1000 };

struct key {
	const char *name;
	bool number, required;
	size_t at;
	const char *fallback; /* of a number in decimal */
	const char *words;
};

#define TEXT(member, required, fallback, words)                                          \
	{                                                                                \
#member, false, required, offsetof(struct conf, member), fallback, words \
	}
#define NUMBER(member, fallback, words)                                              \
	{                                                                            \
#member, true, false, offsetof(struct conf, member), fallback, words \
	}

static const struct key keys[] = {
	TEXT(name, true, "", "Whose node this is, as people say it."),
	TEXT(host, true, "",
	     "The name this machine is reached by: in the certificate, and to greet mail servers with."),
	TEXT(prefix, true, "", "What numbers of reports and incidents start with: PK-NCERT."),
	TEXT(team, true, "", "The node's own team, by its id in the regime."),
	TEXT(mail_domain, true, "",
	     "Domain of our mail: cert@ and reply+TOKEN@ of it have to reach this node."),
	TEXT(duty_mail, false, "",
	     "Where a team is told what nobody has taken, or what is due in a case without an owner: an "
	     "address, or TEAM=ADDRESS for several teams, separated by blanks. Empty: the shift leads are "
	     "told."),
	TEXT(db, false, "naubat.db", "The store: a file, or postgresql://..."),
	TEXT(listen, false, "0.0.0.0:8443", "Address and port of console, public form and API; always TLS."),
	TEXT(certificate, false, "tls.crt", "PEM: the certificate and its chain."),
	TEXT(key, false, "tls.key", "PEM: its key."),
	TEXT(smtp_host, false, "",
	     "The mail server that takes our mail. Empty: the outbox waits, nothing is lost."),
	NUMBER(smtp_port, "587", "Its port."),
	TEXT(smtp_tls, false, "required", "required (STARTTLS), implicit, optional, none."),
	TEXT(smtp_ca, false, "", "PEM of who signed its certificate. Empty: the system's."),
	TEXT(smtp_user, false, "", "To sign in there. Empty: without."),
	TEXT(smtp_password, false, "", ""),
	TEXT(lmtp_listen, false, "", "Where we take mail by LMTP: unix:PATH, 127.0.0.1:PORT. Empty: not."),
	TEXT(imap_host, false, "", "The server whose folder we fetch mail from. Empty: not."),
	NUMBER(imap_port, "993", "Its port."),
	TEXT(imap_tls, false, "implicit", "required (STARTTLS), implicit, optional, none."),
	TEXT(imap_ca, false, "", "PEM of who signed its certificate. Empty: the system's."),
	TEXT(imap_user, false, "", ""),
	TEXT(imap_password, false, "", ""),
	TEXT(imap_folder, false, "INBOX", ""),
	TEXT(imap_move_to, false, "", "Where fetched mail goes. Empty: it is marked as seen."),
	NUMBER(imap_seconds, "60", "How often we look."),
};

static str *text_of(struct conf *c, const struct key *k)
{
	return (str *)(void *)((char *)c + k->at);
}

static int64_t *number_of(struct conf *c, const struct key *k)
{
	return (int64_t *)(void *)((char *)c + k->at);
}

char *conf_path(struct arena *a, const char *folder, str file)
{
	if (str_starts(file, S("/")))
		return arena_cstr(a, file);
	return arena_cstr(a, arena_printf(a, "%s/" STR_FMT, folder, STR_ARG(file)));
}

char *conf_store(struct arena *a, const char *folder, const struct conf *c)
{
	bool url = str_starts(c->db, S("postgresql://")) || str_starts(c->db, S("postgres://"));
	return url ? arena_cstr(a, c->db) : conf_path(a, folder, c->db);
}

void conf_set_defaults(struct conf *c)
{
	for (ptrdiff_t i = 0; i < COUNTOF(keys); i++) {
		const struct key *k = &keys[i];
		if (!k->number && text_of(c, k)->len == 0)
			*text_of(c, k) = str_from(k->fallback);
		else if (k->number && *number_of(c, k) == 0 &&
			 !str_to_int(str_from(k->fallback), 1, 65535, number_of(c, k)))
			ASSERT(false);
	}
}

static const struct key *find_key(str name)
{
	for (ptrdiff_t i = 0; i < COUNTOF(keys); i++)
		if (str_eq(name, str_from(keys[i].name)))
			return &keys[i];
	return NULL;
}

static bool set_key(struct conf *c, const struct yaml *y, struct err *err)
{
	const struct key *k = find_key(y->key);
	if (k == NULL)
		return err_set(err, ERR_INPUT,
			       "line %d: there is no key '" STR_FMT "': man naubat lists them",
			       y->key_at.line, STR_ARG(str_sub(y->key, 0, 60)));
	if (y->kind != YAML_SCALAR)
		return err_set(err, ERR_INPUT, "line %d: %s takes one value", y->at.line, k->name);
	if (yaml_is_null(y))
		return true;
	if (k->number && !str_to_int(y->text, 1, 65535, number_of(c, k)))
		return err_set(err, ERR_INPUT, "line %d: %s: a whole number from 1 to 65535", y->at.line,
			       k->name);
	if (!k->number)
		*text_of(c, k) = y->text;
	return true;
}

bool conf_tls_mode(str word, enum net_tls *out, struct err *err)
{
	static const struct {
		const char *word;
		enum net_tls mode;
	} modes[] = { { "required", NET_TLS_REQUIRED },
		      { "implicit", NET_TLS_IMPLICIT },
		      { "optional", NET_TLS_OPTIONAL },
		      { "none", NET_TLS_NONE } };
	for (ptrdiff_t i = 0; i < COUNTOF(modes); i++) {
		if (str_eq(word, str_from(modes[i].word))) {
			*out = modes[i].mode;
			return true;
		}
	}
	return err_set(err, ERR_INPUT, "TLS is one of required, implicit, optional, none; not '" STR_FMT "'",
		       STR_ARG(str_sub(word, 0, 40)));
}

bool conf_address(struct arena *a, str text, char **out_address, int *out_port, struct err *err)
{
	ptrdiff_t colon = -1;
	int64_t port;
	for (ptrdiff_t i = 0; i < text.len; i++)
		colon = text.ptr[i] == ':' ? i : colon;
	str address = str_sub(text, 0, colon);
	if (address.len > 2 && str_starts(address, S("[")) && str_ends(address, S("]")))
		address = str_sub(address, 1, address.len - 1);
	if (colon < 1 || !str_to_int(str_sub(text, colon + 1, text.len), 0, 65535, &port))
		return err_set(
			err, ERR_INPUT,
			"listen: an address and a port are needed, as in 0.0.0.0:8443 or [::]:443; not "
			"'" STR_FMT "'",
			STR_ARG(str_sub(text, 0, 60)));
	*out_address = arena_cstr(a, address);
	*out_port = (int)port;
	return true;
}

bool conf_desks(struct arena *a, const struct conf *c, const struct duty_desk **out_desks,
		ptrdiff_t *out_count, struct err *err)
{
	struct duty_desk *desks = NEW(a, struct duty_desk, c->duty_mail.len / 2 + 1);
	ptrdiff_t count = 0;
	for (str rest = str_trim(c->duty_mail); rest.len;) {
		str_cut_result word = str_cut(rest, ' '), pair = str_cut(word.head, '=');
		struct duty_desk desk = { pair.ok ? pair.head : c->team, pair.ok ? pair.tail : word.head };
		struct err bad;
		if (desk.team.len == 0 || !mail_address_check(desk.address, &bad))
			return err_set(err, ERR_INPUT,
				       "duty_mail: an address such as duty@cert.example, or TEAM=ADDRESS for "
				       "several teams, separated by blanks; not '" STR_FMT "'",
				       STR_ARG(str_sub(word.head, 0, 60)));
		desks[count++] = desk;
		rest = str_trim(word.tail);
	}
	*out_desks = desks;
	*out_count = count;
	return true;
}

static bool host_name_good(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '.' || c == '-'))
			return false;
	}
	return s.len > 0 && s.len <= 100 && s.ptr[0] != '.' && s.ptr[0] != '-';
}

static bool check_text(const struct key *k, str s, struct err *err)
{
	if (k->required && str_trim(s).len == 0)
		return err_set(err, ERR_INPUT, "%s is missing. %s", k->name, k->words);
	if (s.len > VALUE_MAX || !str_utf8_valid(s))
		return err_set(err, ERR_INPUT, "%s: at most %d bytes of UTF-8", k->name, (int)VALUE_MAX);
	for (ptrdiff_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7F)
			return err_set(err, ERR_INPUT, "%s: one line without control characters", k->name);
	return true;
}

bool conf_check(const struct conf *c, struct err *err)
{
	struct conf copy = *c;
	enum net_tls mode;
	for (ptrdiff_t i = 0; i < COUNTOF(keys); i++)
		if (!keys[i].number && !check_text(&keys[i], *text_of(&copy, &keys[i]), err))
			return false;
	if (!number_prefix_check(c->prefix))
		return err_set(
			err, ERR_INPUT,
			"prefix: upper-case letters and digits in groups joined by '-', as PK-NCERT; not "
			"'" STR_FMT "'",
			STR_ARG(str_sub(c->prefix, 0, 40)));
	if (str_eq(c->prefix, S("DEMO")) || str_starts(c->prefix, S("DEMO-")))
		return err_set(err, ERR_INPUT, "prefix: DEMO is the demonstration's: choose your own");
	if (!host_name_good(c->host) || !host_name_good(c->mail_domain))
		return err_set(err, ERR_INPUT,
			       "host and mail_domain are names such as cert.example, of at most 100 letters, "
			       "digits, "
			       "dots and hyphens");
	return conf_tls_mode(c->smtp_tls, &mode, err) && conf_tls_mode(c->imap_tls, &mode, err);
}

static bool read_map(const struct yaml *root, struct conf *c, struct err *err)
{
	if (root == NULL || root->kind != YAML_MAP)
		return err_set(err, ERR_INPUT, "keys and values are needed, as in: name: National CERT");
	for (const struct yaml *y = root->first; y; y = y->next)
		if (!set_key(c, y, err))
			return false;
	return true;
}

bool conf_load(struct arena *a, const char *folder, struct conf *out, struct err *err)
{
	char *path = conf_path(a, folder, S("node.conf"));
	struct conf c = { 0 };
	struct yaml_place at = { 0 };
	const struct yaml *root;
	str text;
	if (!files_exist(path))
		return err_set(err, ERR_MISSING,
			       "%s is no node: there is no node.conf; naubat init makes one", folder);
	if (!files_read(a, path, CONF_SIZE_MAX, &text, err))
		return false;
	if (!yaml_parse(a, text, (struct yaml_limits){ 0 }, &root, &at, err))
		return err_wrap(err, "%s:%d:%d", path, at.line, at.column);
	if (!read_map(root, &c, err))
		return err_wrap(err, "%s", path);
	conf_set_defaults(&c);
	if (!conf_check(&c, err))
		return err_wrap(err, "%s", path);
	*out = c;
	return true;
}

static void write_text(struct buf *b, str s)
{
	buf_add_char(b, '\'');
	for (ptrdiff_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\'')
			buf_add_char(b, '\'');
		buf_add_char(b, s.ptr[i]);
	}
	buf_add(b, S("'\n"));
}

bool conf_write(struct arena *a, const char *folder, const struct conf *c, struct err *err)
{
	struct conf copy = *c, defaults = { 0 };
	struct buf b;
	buf_init(&b, a, CONF_SIZE_MAX);
	buf_add(&b,
		S("# node.conf - read when the node starts. It may hold passwords: keep it to yourself.\n"));
	conf_set_defaults(&defaults);
	for (ptrdiff_t i = 0; i < COUNTOF(keys); i++) {
		const struct key *k = &keys[i];
		str value = k->number ? (str){ 0 } : *text_of(&copy, k);
		bool same = k->number ? *number_of(&copy, k) == *number_of(&defaults, k)
				      : str_eq(value, *text_of(&defaults, k));
		if (k->words[0])
			buf_printf(&b, "\n# %s\n", k->words);
		buf_printf(&b, "%s%s: ", same ? "# " : "", k->name);
		if (k->number)
			buf_printf(&b, "%lld\n", (long long)*number_of(&copy, k));
		else
			write_text(&b, value);
	}
	if (b.over)
		return err_set(err, ERR_LIMIT, "node.conf would be larger than %d bytes", (int)CONF_SIZE_MAX);
	return files_write(conf_path(a, folder, S("node.conf")), buf_str(&b), 0600, err);
}

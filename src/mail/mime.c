#include "mail/mime.h"

#include <pthread.h>
#include <gmime/gmime.h>
#include "mail/charset.h"
#include "mail/words.h"

enum { CHUNK = 8 << 10 };

/* GMime and GLib speak to stderr when input is odd; what is odd is in problems[]. */
static void mime_quiet(const gchar *domain UNUSED, GLogLevelFlags level UNUSED, const gchar *text UNUSED,
                       gpointer ctx UNUSED)
{
}

static void mime_init_once(void)
{
	g_mime_init();
	g_log_set_handler("gmime", G_LOG_LEVEL_MASK, mime_quiet, NULL);
}

void mime_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, mime_init_once);
}

static str lower_ascii(struct arena *a, str s)
{
	char *p = NEW(a, char, s.len + 1);
	for (ptrdiff_t i = 0; i < s.len; i++)
		p[i] = (char)(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? s.ptr[i] + 32 : s.ptr[i]);
	return (str){ p, s.len };
}

static str copy_line(struct arena *a, const char *text)
{
	return text ? charset_clean_line(a, arena_dup(a, str_from(text))) : (str){ 0 };
}

static void mime_add_headers(struct arena *a, struct mime_part *part, GMimeHeaderList *list)
{
	int n = MIN(g_mime_header_list_get_count(list), MIME_HEADERS_MAX);
	struct mime_header *all = NEW(a, struct mime_header, part->header_count + n);
	if (part->header_count > 0)
		memcpy(all, part->headers, (size_t)part->header_count * sizeof(*all));
	part->headers = all;
	for (int i = 0; i < n; i++) {
		GMimeHeader *h = g_mime_header_list_get_header_at(list, i);
		const char *name = g_mime_header_get_name(h), *value = g_mime_header_get_raw_value(h);
		if (name == NULL || value == NULL)
			continue;
		all[part->header_count++] = (struct mime_header){
			arena_dup(a, str_from(name)), str_trim(arena_dup(a, str_from(value))) };
	}
}

static str parameter(struct arena *a, GMimeContentType *type, const char *name)
{
	return copy_line(a, g_mime_content_type_get_parameter(type, name));
}

static void mime_describe(struct arena *a, struct mime_part *part, GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	GMimeContentDisposition *disposition = g_mime_object_get_content_disposition(object);
	char *mime_type = g_mime_content_type_get_mime_type(type);
	part->object = object;
	part->type = lower_ascii(a, copy_line(a, mime_type));
	g_free(mime_type);
	part->charset = parameter(a, type, "charset");
	part->report_type = lower_ascii(a, parameter(a, type, "report-type"));
	part->smime_type = lower_ascii(a, parameter(a, type, "smime-type"));
	if (GMIME_IS_PART(object))
		part->name = copy_line(a, g_mime_part_get_filename(GMIME_PART(object)));
	if (part->name.len == 0)
		part->name = parameter(a, type, "name");
	part->is_multipart = GMIME_IS_MULTIPART(object);
	part->is_attachment = disposition != NULL && g_mime_content_disposition_is_attachment(disposition);
	mime_add_headers(a, part, g_mime_object_get_header_list(object));
}

static struct mime_part *mime_tree(struct mime *mime, GMimeObject *object, int depth, int depth_max);

static struct mime_part *mime_root(struct mime *mime, GMimeMessage *message, int depth, int depth_max)
{
	GMimeObject *body = g_mime_message_get_mime_part(message);
	struct mime_part *root = body ? mime_tree(mime, body, depth, depth_max) : NULL;
	if (root == NULL) {
		root = NEW(mime->arena, struct mime_part, 1);
		root->type = S("text/plain");
		root->depth = depth;
	}
	mime_add_headers(mime->arena, root, g_mime_object_get_header_list(GMIME_OBJECT(message)));
	return root;
}

/* Recursion is bounded by depth_max. */
static struct mime_part *mime_tree(struct mime *mime, GMimeObject *object, int depth, int depth_max)
{
	struct mime_part *part = NEW(mime->arena, struct mime_part, 1);
	part->depth = depth;
	mime->part_count++;
	mime_describe(mime->arena, part, object);
	bool has_inner = part->is_multipart || GMIME_IS_MESSAGE_PART(object);
	if (has_inner && depth + 1 >= depth_max) {
		mime->cut_depth = true;
		return part;
	}
	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		part->is_mail = inner != NULL;
		if (inner != NULL)
			part->first = mime_root(mime, inner, depth + 1, depth_max);
	} else if (part->is_multipart) {
		struct mime_part **link = &part->first;
		int n = g_mime_multipart_get_count(GMIME_MULTIPART(object));
		for (int i = 0; i < n; i++) {
			GMimeObject *child = g_mime_multipart_get_part(GMIME_MULTIPART(object), i);
			*link = mime_tree(mime, child, depth + 1, depth_max);
			link = &(*link)->next;
		}
		/* cut, or a wrong boundary: its text is all taken for a prologue */
		if (n == 0) {
			part->plain = arena_dup(mime->arena,
				str_from(g_mime_multipart_get_prologue(GMIME_MULTIPART(object))));
			part->object = NULL;
		}
	}
	return part;
}

void mime_open(struct arena *a, str raw, int depth_max, struct mime *out_mime)
{
	*out_mime = (struct mime){ .arena = a };
	char *copy = g_malloc((gsize)raw.len + 1);
	out_mime->screened = mime_screen(raw, copy);
	GByteArray *bytes = g_byte_array_new_take((guint8 *)copy, (gsize)out_mime->screened.len);
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);         /* content objects hold references of their own */
	out_mime->message = message;
	if (message != NULL) {
		out_mime->root = mime_root(out_mime, message, 0, depth_max);
	} else {
		out_mime->root = NEW(a, struct mime_part, 1);
		bool binary = raw.len > 0 && memchr(raw.ptr, 0, (size_t)MIN(raw.len, CHUNK)) != NULL;
		out_mime->root->type = binary ? S("application/octet-stream") : S("text/plain");
		out_mime->root->plain = raw;
		out_mime->unreadable = true;
	}
}

void mime_close(struct mime *mime)
{
	if (mime->message != NULL)
		g_object_unref(mime->message);
	mime->message = NULL;
}

str mime_header(const struct mime_part *part, str name)
{
	for (ptrdiff_t i = 0; i < part->header_count; i++)
		if (str_eq_nocase(part->headers[i].name, name))
			return part->headers[i].value;
	return (str){ 0 };
}

bool mime_has_header(const struct mime_part *part, str name)
{
	for (ptrdiff_t i = 0; i < part->header_count; i++)
		if (str_eq_nocase(part->headers[i].name, name))
			return true;
	return false;
}

/* The part as it was: for nested mails and for what lies too deep. */
static str mime_serialise(struct arena *a, GMimeObject *object, ptrdiff_t max)
{
	GMimeStream *stream = g_mime_stream_mem_new();
	g_mime_object_write_to_stream(object, NULL, stream);
	GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	str copy = arena_dup(a, (str){ (const char *)bytes->data, MIN((ptrdiff_t)bytes->len, max) });
	g_object_unref(stream);
	return copy;
}

static str mime_decode(struct arena *a, GMimeDataWrapper *content, ptrdiff_t max)
{
	GMimeStream *stream = g_mime_data_wrapper_get_stream(content);
	GMimeEncoding coder;
	char in[CHUNK];
	g_mime_encoding_init_decode(&coder, g_mime_data_wrapper_get_encoding(content));
	gint64 length = g_mime_stream_length(stream);
	ptrdiff_t room = MIN(MAX((ptrdiff_t)length, 0), max), len = 0;
	char *out = NEW(a, char, room + 1);
	char step[CHUNK * 2];
	g_mime_stream_reset(stream);
	for (ssize_t n; len < room && (n = g_mime_stream_read(stream, in, sizeof(in))) > 0;) {
		ASSERT(g_mime_encoding_outlen(&coder, (size_t)n) <= sizeof(step));
		ptrdiff_t got = (ptrdiff_t)g_mime_encoding_step(&coder, in, (size_t)n, step);
		got = MIN(got, room - len);             /* no encoding of mail makes bytes more */
		memcpy(out + len, step, (size_t)got);
		len += got;
	}
	return (str){ out, len };
}

str mime_bytes(struct arena *a, const struct mime_part *part, ptrdiff_t max)
{
	GMimeObject *object = part->object;
	if (object == NULL)
		return str_sub(part->plain, 0, max);
	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		return inner ? mime_serialise(a, GMIME_OBJECT(inner), max) : (str){ 0 };
	}
	if (!GMIME_IS_PART(object))
		return mime_serialise(a, object, max);
	GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(object));
	return content ? mime_decode(a, content, max) : (str){ 0 };
}

bool mime_date(struct arena *a, str value, struct instant *out_t)
{
	value = words_decode(a, value);
	if (value.len == 0 || value.len > 200)
		return false;
	GDateTime *date = g_mime_utils_header_decode_date(arena_cstr(a, value));
	if (date == NULL)
		return false;
	struct civil c = {
		.year = g_date_time_get_year(date), .month = g_date_time_get_month(date),
		.day = g_date_time_get_day_of_month(date), .hour = g_date_time_get_hour(date),
		.minute = g_date_time_get_minute(date), .second = g_date_time_get_second(date),
	};
	int offset = (int)(g_date_time_get_utc_offset(date) / 60000000);
	g_date_time_unref(date);
	if (c.year < 2 || c.year > 9998 || offset < -24 * 60 || offset > 24 * 60)
		return false;
	*out_t = instant_from_civil(c, offset);
	return out_t->us != 0;
}

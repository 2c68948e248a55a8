#include "watch/log.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a file came to: a record a line as "line json", then what was told as "! file:line what". */
struct told { char *text; size_t len; FILE *to; char folder[64]; };

static void on_trouble(void *who, const struct log_trouble *t)
{
	struct told *told = who;
	const char *name = t->file.ptr;
	size_t skip = strlen(told->folder) + 1;
	ASSERT(t->file.len > (ptrdiff_t)skip);
	fprintf(told->to, "! %.*s:%lld %s\n", (int)(t->file.len - (ptrdiff_t)skip), name + skip,
	        (long long)t->line, t->what);
}

static void read_open(struct told *told, struct log_file *l)
{
	struct log_block *b = log_block_new();
	while (log_read(l, b)) {
		log_decode(l, b);
		if (b->path.ptr != NULL && b->count > 0)
			fprintf(told->to, "in " STR_FMT "\n",
			        STR_ARG(str_sub(b->path, (ptrdiff_t)strlen(told->folder) + 1, b->path.len)));
		for (ptrdiff_t i = 0; i < b->count; i++) {
			fprintf(told->to, "%lld ", (long long)b->records[i].line);
			fwrite(b->records[i].json.ptr, 1, (size_t)b->records[i].json.len, told->to);
			fputc('\n', told->to);
		}
	}
	log_block_free(b);
	log_close(l);
}

static const char *in_folder(const struct told *told, const char *name)
{
	static char path[4][4096];
	static int turn;
	turn = (turn + 1) % 4;
	(void)snprintf(path[turn], sizeof(path[0]), "%s/%s", told->folder, name);
	return path[turn];
}

static void begin(struct told *told)
{
	free(told->text);
	told->text = NULL;
	told->to = open_memstream(&told->text, &told->len);
	ASSERT(told->to != NULL);
}

/* The file's records and troubles; also which format it was taken for. */
static const char *read_limited(struct told *told, const char *name, struct log_limits limits)
{
	struct log_file *l;
	struct err err;
	begin(told);
	if (log_open(str_from(in_folder(told, name)), LOG_UNKNOWN, limits,
	             (struct log_listener){ told, on_trouble }, &l, &err)) {
		fprintf(told->to, "%s\n", log_format_names[log_format_of(l)]);
		read_open(told, l);
	} else {
		fprintf(told->to, "refused: %s\n", err.text + strlen(told->folder) + 1);
	}
	fclose(told->to);
	return told->text;
}

static const char *read_whole(struct told *told, const char *name)
{
	return read_limited(told, name, (struct log_limits){ 0 });
}

static void write_file(const struct told *told, const char *name, str bytes)
{
	FILE *f = fopen(in_folder(told, name), "wb");
	ASSERT(f != NULL && fwrite(bytes.ptr, 1, (size_t)bytes.len, f) == (size_t)bytes.len);
	ASSERT(fclose(f) == 0);
}

static void expect_text(const char *got, const char *want, int line)
{
	if (strcmp(got, want) != 0)
		fprintf(stderr, "test_log.c:%d: got\n%swanted\n%s", line, got, want);
	ASSERT(strcmp(got, want) == 0);
}
#define EXPECT(got, want)       expect_text((got), (want), __LINE__)

/* Of a file with these bytes. */
#define FILE_GIVES(told, bytes, want)                                   \
	do {                                                            \
		write_file((told), "f", S(bytes));                      \
		EXPECT(read_whole((told), "f"), want);                  \
	} while (0)

static void test_lines(struct told *t)
{
	FILE_GIVES(t, "{\"a\":1}\n{\"b\":2}", "JSON lines\n1 {\"a\":1}\n2 {\"b\":2}\n");
	FILE_GIVES(t, "\n\n{\"a\":1}\r\n\r\n  {\"b\":2} \r\n", "JSON lines\n3 {\"a\":1}\n5 {\"b\":2}\n");
	/* a byte order mark, record separators (RFC 7464), old line ends, mixed ones */
	FILE_GIVES(t, "\xef\xbb\xbf{\"a\":1}\n\x1e{\"b\":2}\n", "JSON lines\n1 {\"a\":1}\n2 {\"b\":2}\n");
	FILE_GIVES(t, "{\"a\":1}\r{\"b\":2}\r", "JSON lines\n1 {\"a\":1}\n2 {\"b\":2}\n");
	FILE_GIVES(t, "{\"a\":1}\r{\"b\":2}\n{\"c\":\"x\ry\"}\n",
	           "JSON lines\n1 {\"a\":1}\n1 {\"b\":2}\n2 {\"c\":\"x\ry\"}\n");
	/* one byte that is wrong hides nothing: what the line is worth, the matcher says */
	FILE_GIVES(t, "{\"a\":1}\n{\"b\":\n{\"c\":3}\n", "JSON lines\n1 {\"a\":1}\n2 {\"b\":\n3 {\"c\":3}\n");
	FILE_GIVES(t, "{\"a\":1}\nnot \"JSON\"\n{\"c\":3}\nmore\n",
	           "JSON lines\n! f:2 this line is no JSON object: it is taken as text\n1 {\"a\":1}\n"
	           "2 {\"@format\":\"text\",\"message\":\"not \\\"JSON\\\"\"}\n3 {\"c\":3}\n"
	           "4 {\"@format\":\"text\",\"message\":\"more\"}\n"
	           "! f:0 1 times more: this line is no JSON object: it is taken as text\n");
	/* what a crash leaves: a hole */
	FILE_GIVES(t, "{\"a\":1}\n\0\0\0\0\0\0\n\0\0{\"b\":2}\n",
	           "JSON lines\n! f:2 zero bytes where a record should be, as a crash leaves them: passed "
	           "over\n1 {\"a\":1}\n3 {\"b\":2}\n");
	FILE_GIVES(t, "", "text, a record a line\n");
	FILE_GIVES(t, "\x7f" "ELF\1\2\3\0\0\0\4\5\0\0\6\x90", "refused: f: no log that we can read "
	           "(docs/formats.md says which are); if it is one, name its format\n");
}

static void test_wide(struct told *t)
{
	static const char little[] = "\xff\xfe{\0\"\0a\0\"\0:\0\"\0\xe9\0\x3d\xd8\x00\xde\x00\xd8"
		"\"\0}\0\n\0";
	static const char big[] = "\0{\0\"\0a\0\"\0:\x06\x20\0}\0\n";
	write_file(t, "f", (str){ little, sizeof(little) - 1 });
	EXPECT(read_whole(t, "f"), "JSON lines\n1 {\"a\":\"\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd\"}\n");
	write_file(t, "f", (str){ big, sizeof(big) - 1 });
	EXPECT(read_whole(t, "f"), "JSON lines\n1 {\"a\":\xd8\xa0}\n");
}

static void test_values(struct told *t)
{
	FILE_GIVES(t, "[{\"a\":1},\n{\"b\":\"]}\\\"{\"} , {\"c\":[{}]}\n]\n",
	           "JSON\n1 {\"a\":1}\n2 {\"b\":\"]}\\\"{\"}\n3 {\"c\":[{}]}\n");
	FILE_GIVES(t, "{\n \"a\": {\n  \"x\": 1\n }\n}\n\n{\n \"b\": 2\n}\n",
	           "JSON\n1 {\n \"a\": {\n  \"x\": 1\n }\n}\n7 {\n \"b\": 2\n}\n");
	FILE_GIVES(t, "{\"a\":1}{\"b\":2} {\"c\":3}", "JSON\n1 {\"a\":1}\n1 {\"b\":2}\n1 {\"c\":3}\n");
	FILE_GIVES(t, "[{\"a\":1},7,\"{\",{\"b\":2", "JSON\n! f:1 there is something between the JSON "
	           "objects: passed over\n1 {\"a\":1}\n2 {\"b\":2\n");
	FILE_GIVES(t, "{\"Records\":[{\"eventVersion\":\"1\",\"eventSource\":\"s\",\"eventName\":\"n\"},"
	           "{\"x\":1}],\"y\":{\"z\":\"]}\"}}\n{\"Records\" : [ {\"q\":[]} ]}",
	           "AWS CloudTrail\n1 {\"eventVersion\":\"1\",\"eventSource\":\"s\",\"eventName\":\"n\"}\n"
	           "2 {\"x\":1}\n3 {\"q\":[]}\n");
	FILE_GIVES(t, "{\"@odata.context\":\"c\",\"value\":[{\"id\":1},{\"id\":2}]}",
	           "JSON\n1 {\"id\":1}\n2 {\"id\":2}\n");
	/* a member of that name is not always a wrapper */
	FILE_GIVES(t, "{\"x\":1,\"Records\":[{\"id\":1}]}\n{\"x\":2}\n",
	           "JSON lines\n1 {\"x\":1,\"Records\":[{\"id\":1}]}\n2 {\"x\":2}\n");
}

static void test_csv(struct told *t)
{
	FILE_GIVES(t, "EventID,Image,Args\r\n1,C:\\a.exe,\"x, \"\"y\"\"\nz\"\r\n2,,q,r\r\n",
	           "CSV\n2 {\"@format\":\"csv\",\"EventID\":\"1\",\"Image\":\"C:\\\\a.exe\","
	           "\"Args\":\"x, \\\"y\\\"\\nz\"}\n"
	           "4 {\"@format\":\"csv\",\"EventID\":\"2\",\"Args\":\"q\",\"column4\":\"r\"}\n");
	/* Excel's and PowerShell's first lines, tabs, a JSON cell, a name that comes twice */
	FILE_GIVES(t, "sep=;\nA;B\n1;2\n", "CSV\n3 {\"@format\":\"csv\",\"A\":\"1\",\"B\":\"2\"}\n");
	FILE_GIVES(t, "#TYPE X\n\"A\",\"B\"\n\"1\",\"2\"\n",
	           "CSV\n3 {\"@format\":\"csv\",\"A\":\"1\",\"B\":\"2\"}\n");
	FILE_GIVES(t, "A\tB\tA\n\t{\"x\":1}\t3\n1\t{\"x\"\t3\n",
	           "CSV\n2 {\"@format\":\"csv\",\"B\":{\"x\":1},\"A\":\"3\"}\n"
	           "3 {\"@format\":\"csv\",\"A\":[\"1\",\"3\"],\"B\":\"{\\\"x\\\"\"}\n");
	FILE_GIVES(t, "no table, I think\nat all\n", "text, a record a line\n"
	           "1 {\"@format\":\"text\",\"message\":\"no table, I think\"}\n"
	           "2 {\"@format\":\"text\",\"message\":\"at all\"}\n");
	/* a quote that nobody closes takes one line, not the rest of the file */
	char *text = malloc(3 << 20);
	ptrdiff_t n = 0;
	ASSERT(text != NULL);
	n += snprintf(text, 100, "A,B\n1,\"open\n");
	while (n < 2 << 20)
		n += snprintf(text + n, 100, "%td,x\n", n);
	write_file(t, "f", (str){ text, n });
	const char *got = read_whole(t, "f");
	ASSERT(str_starts(str_from(got), S("CSV\n! f:2 a quoted cell does not end")));
	ASSERT(strstr(got, "2 {\"@format\":\"csv\",\"A\":\"1\",\"B\":\"open\"}\n"
	              "3 {\"@format\":\"csv\",\"A\":\"12\",\"B\":\"x\"}\n") != NULL);
	free(text);
}

#define ZEEK    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
static void test_tables(struct told *t)
{
	FILE_GIVES(t, ZEEK "#path\tdns\n#fields\tts\tid.orig_h\tquery\tanswers\tAA\ttags\n"
	           "#types\ttime\taddr\tstring\tvector[string]\tbool\tset[string]\n"
	           "1.5\t::1\ta\\x09\\xc3\\xa9\tx,y\tT\t(empty)\n2.5\t::2\t-\t-\tF\tz\n#close\tx\n",
	           "Zeek, tab-separated\n8 {\"@format\":\"zeek\",\"_path\":\"dns\",\"ts\":1.5,"
	           "\"id.orig_h\":\"::1\",\"query\":\"a\\t\xc3\xa9\",\"answers\":[\"x\",\"y\"],"
	           "\"AA\":true,\"tags\":\"\"}\n9 {\"@format\":\"zeek\",\"_path\":\"dns\",\"ts\":2.5,"
	           "\"id.orig_h\":\"::2\",\"AA\":false,\"tags\":\"z\"}\n");
	/* two logs in one file; the columns of the second are its own */
	FILE_GIVES(t, ZEEK "#path\ta\n#fields\tx\ty\n1\t2\n" ZEEK "#path\tb\n#fields\ty\n3\n",
	           "Zeek, tab-separated\n7 {\"@format\":\"zeek\",\"_path\":\"a\",\"x\":\"1\",\"y\":\"2\"}\n"
	           "14 {\"@format\":\"zeek\",\"_path\":\"b\",\"y\":\"3\"}\n");
	FILE_GIVES(t, "#Software: IIS\r\n#Fields: date time cs-method cs-uri-stem cs(User-Agent) "
		"sc-status\r\n"
	           "2020-01-02 03:04:05 GET /a Moz+(X) 200\r\n#Fields: cs-method sc-status\r\nPUT 404\r\n",
	           "W3C extended log (IIS, proxies)\n3 {\"@format\":\"w3c\",\"date\":\"2020-01-02\","
	           "\"time\":\"03:04:05\",\"cs-method\":\"GET\",\"cs-uri-stem\":\"/a\","
	           "\"cs(User-Agent)\":\"Moz (X)\",\"sc-status\":\"200\","
	           "\"timestamp\":\"2020-01-02 03:04:05\"}\n"
	           "5 {\"@format\":\"w3c\",\"cs-method\":\"PUT\",\"sc-status\":\"404\"}\n");
}
#undef ZEEK

/* Headers without end are said once, and no row is lost. */
static void test_many_headers(struct told *t)
{
	char *text = malloc(1 << 20);
	ptrdiff_t n = 0;
	ASSERT(text != NULL);
	n += snprintf(text, 100, "#separator \\x09\n");
	for (int i = 0; i < 1500; i++)
		n += snprintf(text + n, 100, "#fields\tx%d\n%d\n", i, i);
	write_file(t, "f", (str){ text, n });
	const char *got = read_whole(t, "f");
	ASSERT(strstr(got, "! f:2002 the table has headers more often than can be") != NULL);
	ASSERT(strstr(got, "\n2001 {\"@format\":\"zeek\",\"x999\":\"999\"}\n") != NULL);
	ASSERT(strstr(got, "\n3001 {\"@format\":\"zeek\",\"x999\":\"1499\"}\n") != NULL);
	free(text);
}

/* An execve is told of in several lines; what rules want of it comes after the second. */
static void test_audit_process(struct told *t)
{
	FILE_GIVES(t, "type=SYSCALL msg=audit(1.5:2): pid=9 ppid=8 uid=0 exe=\"/usr/bin/curl\"\n"
	           "type=EXECVE msg=audit(1.5:2): argc=2 a0=\"curl\" a1=\"x\"\n"
	           "type=EXECVE msg=audit(1.6:3): argc=1 a0=\"ls\"\n",
	           "Linux audit log (auditd)\n1 {\"@format\":\"auditd\",\"type\":\"SYSCALL\","
	           "\"timestamp\":\"1.5\","
	           "\"serial\":\"2\",\"pid\":\"9\",\"ppid\":\"8\",\"uid\":\"0\",\"exe\":\"/usr/bin/curl\"}\n"
	           "2 {\"@format\":\"auditd\",\"type\":\"EXECVE\",\"timestamp\":\"1.5\",\"serial\":\"2\","
	           "\"argc\":\"2\",\"a0\":\"curl\",\"a1\":\"x\",\"cmdline\":\"curl x\"}\n"
	           "2 {\"@format\":\"auditd-process\",\"timestamp\":\"1.5\",\"serial\":\"2\","
	           "\"Image\":\"/usr/bin/curl\",\"CommandLine\":\"curl x\",\"ProcessId\":\"9\","
	           "\"ParentProcessId\":\"8\",\"User\":\"0\"}\n"
	           "3 {\"@format\":\"auditd\",\"type\":\"EXECVE\",\"timestamp\":\"1.6\",\"serial\":\"3\","
	           "\"argc\":\"1\",\"a0\":\"ls\",\"cmdline\":\"ls\"}\n"
	           "3 {\"@format\":\"auditd-process\",\"timestamp\":\"1.6\",\"serial\":\"3\","
	           "\"Image\":\"ls\","
	           "\"CommandLine\":\"ls\"}\n");
}

static void test_xml(struct told *t)
{
	FILE_GIVES(t, "<?xml version=\"1.0\"?>\n<Events>\n<Event xmlns='x'><System>\n"
	           "<EventID Qualifiers=\"0\">4688</EventID></System><EventData>"
	           "<Data Name='CommandLine'>a &lt;b&gt; &#x41;&amp;<![CDATA[<c>]]></Data><Data>1</Data>"
	           "<Data/>"
	           "</EventData></Event>\n<Event><System/></Event>\n</Events>\n<Event><System>",
	           "Windows events, XML\n3 {\"Event\":{\"System\":{\"EventID\":{\"#attributes\":"
	           "{\"Qualifiers\":\"0\"},\"#text\":\"4688\"}},\"EventData\":{\"CommandLine\":"
	           "\"a <b> A&<c>\",\"Data\":[\"1\",\"\"]}}}\n5 {\"Event\":{\"System\":\"\"}}\n"
	           "7 {\"@format\":\"text\",\"message\":\"<Event><System>\"}\n");
}

static void test_kinds(struct told *t)
{
	static const struct { const char *text; enum log_format format; } kinds[] = {
		{ "{\"EventID\":1,\"Channel\":\"Security\"}\n", LOG_WINDOWS_FLAT },
		{ "{\"Event\":{\"System\":{\"EventID\":1}}}\n", LOG_WINDOWS_NESTED },
		{ "[{\"Event\":{\n\"System\":{\"EventID\":1}}}]\n", LOG_WINDOWS_NESTED },
		{ "{\"@timestamp\":\"x\",\"winlog\":{\"event_id\":1}}\n", LOG_WINDOWS_ECS },
		{ "{\"timestamp\":\"x\",\"flow_id\":1,\"event_type\":\"dns\"}\n", LOG_EVE },
		{ "{\"_path\":\"dns\",\"ts\":1}\n", LOG_ZEEK_JSON },
		{ "{\"ts\":1,\"uid\":\"C1\",\"id.orig_h\":\"::1\"}\n", LOG_ZEEK_JSON },
		{ "{\"a\":1}\n{\"EventID\":1,\"SourceName\":\"x\"}\n", LOG_WINDOWS_FLAT },
		{ "{\"a\":1}\n", LOG_JSON_LINES },
		{ "type=X msg=audit(1.5:2): a=b\n", LOG_AUDITD },
		{ "Mar  1 10:00:00 h x: y\n", LOG_SYSLOG_3164 },
		{ "<34>1 2003-10-11T22:14:15.003Z h a - - - x\n", LOG_SYSLOG_5424 },
		{ "::1 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 2326\n", LOG_WEB_ACCESS },
		{ "[Wed Oct 11 14:32:52 2000] [error] x\n", LOG_WEB_ACCESS },
		{ "who knows\n", LOG_TEXT },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(kinds); i++) {
		struct log_file *l;
		struct err err;
		write_file(t, "f", str_from(kinds[i].text));
		ASSERT(log_open(str_from(in_folder(t, "f")), LOG_UNKNOWN, (struct log_limits){ 0 },
		                (struct log_listener){ 0 }, &l, &err));
		if (log_format_of(l) != kinds[i].format)
			fprintf(stderr, "%staken for %s\n", kinds[i].text,
			        log_format_names[log_format_of(l)]);
		ASSERT(log_format_of(l) == kinds[i].format);
		log_close(l);
	}
}

enum packing { PACK_GZ, PACK_ZST, PACK_XZ, PACK_BZ2, PACK_ZIP, PACK_TAR, PACK_TAR_GZ };
struct packed { const char *name; str bytes; };

static void pack(const struct told *t, const char *name, enum packing how, const struct packed *files, int n)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	bool raw = how <= PACK_BZ2;
	if (how == PACK_GZ || how == PACK_TAR_GZ)
		archive_write_add_filter_gzip(a);
	else if (how == PACK_ZST)
		archive_write_add_filter_zstd(a);
	else if (how == PACK_XZ)
		archive_write_add_filter_xz(a);
	else if (how == PACK_BZ2)
		archive_write_add_filter_bzip2(a);
	if (raw)
		archive_write_set_format_raw(a);
	else if (how == PACK_ZIP)
		archive_write_set_format_zip(a);
	else
		archive_write_set_format_ustar(a);
	ASSERT(archive_write_open_filename(a, in_folder(t, name)) == ARCHIVE_OK);
	for (int i = 0; i < n; i++) {
		archive_entry_clear(e);
		archive_entry_set_pathname(e, files[i].name);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0600);
		archive_entry_set_size(e, files[i].bytes.len);
		ASSERT(archive_write_header(a, e) == ARCHIVE_OK);
		ASSERT(archive_write_data(a, files[i].bytes.ptr, (size_t)files[i].bytes.len)
		       == files[i].bytes.len);
	}
	archive_entry_free(e);
	ASSERT(archive_write_close(a) == ARCHIVE_OK);
	archive_write_free(a);
}

static str slurp(const struct told *t, const char *name)
{
	static char bytes[1 << 20];
	FILE *f = fopen(in_folder(t, name), "rb");
	ASSERT(f != NULL);
	size_t n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	return (str){ bytes, (ptrdiff_t)n };
}

/* What log_find lists, without the folder. */
static const char *list(struct told *t, const char *name)
{
	struct arena a;
	const struct log_member *m = NULL;
	ptrdiff_t n = 0;
	struct err err;
	arena_init(&a, 16 << 20, 64 << 20);
	begin(t);
	ASSERT(log_find(&a, in_folder(t, name), (struct log_listener){ t, on_trouble }, &m, &n, &err));
	for (ptrdiff_t i = 0; i < n; i++)
		fprintf(t->to, STR_FMT "\n",
		        STR_ARG(str_sub(m[i].path, (ptrdiff_t)strlen(t->folder) + 1, m[i].path.len)));
	fclose(t->to);
	arena_done(&a);
	return t->text;
}

static void test_packed(struct told *t)
{
	const struct packed one = { "data", S("{\"a\":1}\n{\"b\":2}\n") };
	struct packed two[] = { { "x/1.json", S("{\"a\":1}\n") }, { "x/2.bin", S("\1\2\3\0\4") },
	                        { "x/3.gz", S("") } };
	static const char want[] = "JSON lines\n1 {\"a\":1}\n2 {\"b\":2}\n";
	for (enum packing how = PACK_GZ; how <= PACK_BZ2; how++) {
		pack(t, "f", how, &one, 1);
		EXPECT(read_whole(t, "f"), want);
		EXPECT(list(t, "f"), "f\n");
	}
	pack(t, "inner", PACK_GZ, &one, 1);
	two[2].bytes = slurp(t, "inner");
	pack(t, "f.zip", PACK_ZIP, two, 3);
	EXPECT(list(t, "f.zip"), "f.zip!x/1.json\nf.zip!x/2.bin\nf.zip!x/3.gz\n");
	EXPECT(read_whole(t, "f.zip!x/1.json"), "JSON lines\n1 {\"a\":1}\n");
	EXPECT(read_whole(t, "f.zip!x/3.gz"), want);
	ASSERT(strstr(read_whole(t, "f.zip!x/2.bin"), "no log that we can read") != NULL);
	ASSERT(strstr(read_whole(t, "f.zip!x/4"), "the archive has no such file in it") != NULL);
	pack(t, "f.tar", PACK_TAR, two, 3);
	EXPECT(read_whole(t, "f.tar!x/3.gz"), want);
	/* packed as a whole it is read in one go */
	pack(t, "f.tgz", PACK_TAR_GZ, two, 3);
	EXPECT(list(t, "f.tgz"), "f.tgz\n");
	EXPECT(read_whole(t, "f.tgz"), "JSON lines\nin f.tgz!x/1.json\n1 {\"a\":1}\n"
	       "! f.tgz!x/2.bin:0 no log that we can read: passed over\n"
	       "in f.tgz!x/3.gz\n1 {\"a\":1}\n2 {\"b\":2}\n");
	ASSERT(unlink(in_folder(t, "f.tgz")) == 0 && unlink(in_folder(t, "f.zip")) == 0);
	ASSERT(unlink(in_folder(t, "f.tar")) == 0 && unlink(in_folder(t, "inner")) == 0);
}

/* A packed file that ends too early, or is damaged: what stands before is read, and the rest said. */
static void test_cut_off(struct told *t)
{
	static char text[200000];
	ptrdiff_t n = 0;
	unsigned seed = 7;
	for (int i = 0; i < 3000; i++) {
		seed = seed * 1103515245 + 12345;
		n += snprintf(text + n, sizeof(text) - (size_t)n, "{\"n\":%d,\"r\":%u}\n", i, seed);
	}
	const struct packed one = { "data", { text, n } };
	for (enum packing how = PACK_GZ; how <= PACK_ZST; how++) {
		pack(t, "f", how, &one, 1);
		str bytes = slurp(t, "f");
		write_file(t, "f", str_sub(bytes, 0, bytes.len / 2));
		const char *got = read_whole(t, "f");
		ASSERT(strstr(got, "the packed data is damaged or cut off") != NULL);
		ASSERT(how == PACK_ZST || strstr(got, "\n500 {\"n\":499,") != NULL);
	}
}

static void test_limits(struct told *t)
{
	static char text[3 << 20];
	struct log_limits small = { .record_most = 1 << 20, .inflated_most = 70 << 20,
	                            .inflate_ratio_most = 100 };
	memset(text, 'x', sizeof(text));
	memcpy(text, "{\"a\":1}\n{\"b\":\"", 14);
	memcpy(text + sizeof(text) - 10, "\n{\"c\":3}\n", 9);
	text[sizeof(text) - 1] = ' ';
	write_file(t, "f", (str){ text, sizeof(text) });
	const char *got = read_limited(t, "f", small);
	ASSERT(str_starts(str_from(got), S("JSON lines\n! f:2 a record is longer")));
	ASSERT(strstr(got, "\n1 {\"a\":1}\n2 {\"b\":\"xxx") != NULL);
	ASSERT(str_ends(str_from(got), S("xxx\n3 {\"c\":3}\n")) && strlen(got) < (1 << 20) + 300);
	/* a bomb: 128 MB from some kB */
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	archive_write_add_filter_zstd(a);
	archive_write_set_format_raw(a);
	ASSERT(archive_write_open_filename(a, in_folder(t, "f")) == ARCHIVE_OK);
	archive_entry_set_filetype(e, AE_IFREG);
	ASSERT(archive_write_header(a, e) == ARCHIVE_OK);
	memset(text, '\n', sizeof(text));
	memcpy(text, "{\"a\":1}\n", 8);
	for (int i = 0; i < 43; i++)
		ASSERT(archive_write_data(a, text, sizeof(text)) == (la_ssize_t)sizeof(text));
	archive_entry_free(e);
	archive_write_free(a);
	got = read_limited(t, "f", small);
	const char *said = strstr(got, "as a bomb would be");
	ASSERT(said != NULL && strstr(said + 1, "as a bomb would be") == NULL);
	got = read_limited(t, "f", (struct log_limits){ .inflate_ratio_most = 1000000 });
	ASSERT(strstr(got, "bomb") == NULL && str_ends(str_from(got), S(" {\"a\":1}\n")));
}

/* A record larger than a block, and than what is allowed; what follows it is read. */
static void test_long_line(struct told *t)
{
	ptrdiff_t size = 15 << 20;
	char *text = malloc((size_t)size);
	ASSERT(text != NULL);
	memset(text, 'x', (size_t)size);
	memcpy(text, "{\"a\":1}\n{\"b\":\"", 14);
	memcpy(text + size - 11, "\"}\n{\"c\":3}", 11);
	write_file(t, "f", (str){ text, size });
	str got = str_from(read_limited(t, "f", (struct log_limits){ .record_most = 9 << 20 }));
	ASSERT(str_find(got, S("! f:2 a record is longer")) >= 0);
	ASSERT(got.len > 9 << 20 && got.len < (9 << 20) + 300);
	ASSERT(str_ends(got, S("xxx\n3 {\"c\":3}\n")));
	got = str_from(read_whole(t, "f"));
	ASSERT(got.len > size && str_ends(got, S("xxx\"}\n3 {\"c\":3}\n")));
	/* the same as one object of an array */
	memcpy(text, "[{\"a\":1},{\"b\":\"", 15);
	memcpy(text + size - 12, "\"},\n{\"c\":3}", 12);
	write_file(t, "f", (str){ text, size });
	got = str_from(read_limited(t, "f", (struct log_limits){ .record_most = 9 << 20 }));
	ASSERT(str_starts(got, S("JSON\n1 {\"a\":1}\n! f:2 a record is longer")));
	ASSERT(str_find(got, S("\n2 {\"b\":\"xx")) > 0 && str_ends(got, S("xxx\n3 {\"c\":3}\n")));
	free(text);
}

/* Objects over blocks: each is whole, in order, with its number. */
static void test_blocks(struct told *t)
{
	char *text = malloc(12 << 20);
	ptrdiff_t n = 0;
	ASSERT(text != NULL);
	for (int round = 0; round < 2; round++, n = 0) {
		text[n++] = round ? '[' : ' ';
		for (int i = 0; n < 11 << 20; i++)
			n += snprintf(text + n, 4000, "{\"n\":%s%d,%s\"s\":\"%*s\"}%s\n", round ? " " : "", i,
			              round ? "\n" : "", (i * 7919) % 3000, round ? "\\\"}" : "x",
			              round ? "," : "");
		write_file(t, "f", (str){ text, n });
		struct log_file *l;
		struct err err;
		struct log_block *b = log_block_new();
		int64_t next = 0, bytes = 0;
		ASSERT(log_open(str_from(in_folder(t, "f")), LOG_UNKNOWN, (struct log_limits){ 0 },
		                (struct log_listener){ 0 }, &l, &err));
		while (log_read(l, b)) {
			log_decode(l, b);
			bytes += b->bytes;
			for (ptrdiff_t i = 0; i < b->count; i++, next++) {
				char begins[40];
				(void)snprintf(begins, sizeof(begins), "{\"n\":%s%lld,", round ? " " : "",
				               (long long)next);
				ASSERT(b->records[i].line == next + 1);
				ASSERT(str_starts(b->records[i].json, str_from(begins))
				       && str_ends(b->records[i].json, S("\"}")));
			}
		}
		ASSERT(bytes == n && next > 5000);
		log_block_free(b);
		log_close(l);
	}
	free(text);
}

static void test_find(struct told *t)
{
	ASSERT(mkdir(in_folder(t, "d"), 0700) == 0 && mkdir(in_folder(t, "d/sub"), 0700) == 0);
	write_file(t, "d/b", S("x"));
	write_file(t, "d/a", S("x"));
	write_file(t, "d/sub/c", S("x"));
	ASSERT(symlink("../sub", in_folder(t, "d/sub/loop")) == 0);
	ASSERT(symlink("../a", in_folder(t, "d/sub/link")) == 0);
	ASSERT(symlink("nowhere", in_folder(t, "d/z")) == 0);
	EXPECT(list(t, "d"), "! d/z:0 No such file or directory\nd/a\nd/b\nd/sub/c\nd/sub/link\n");
}

int main(void)
{
	struct told t = { .folder = "/tmp/naubat-log-XXXXXX" };
	char command[128];
	ASSERT(mkdtemp(t.folder) != NULL);
	test_lines(&t);
	test_wide(&t);
	test_values(&t);
	test_csv(&t);
	test_tables(&t);
	test_many_headers(&t);
	test_xml(&t);
	test_audit_process(&t);
	test_kinds(&t);
	test_packed(&t);
	test_cut_off(&t);
	test_limits(&t);
	test_long_line(&t);
	test_blocks(&t);
	test_find(&t);
	free(t.text);
	(void)snprintf(command, sizeof(command), "rm -r %s", t.folder);
	ASSERT(system(command) == 0);
	return 0;
}

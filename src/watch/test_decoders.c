#include "format/json.h"
#include "watch/decoders.h"

#include <stdio.h>
#include <stdlib.h>

static struct decoding d = { .out = { .most = 64 << 20 } };

/* What is made is one line, and JSON that a strict reader reads: no doubled keys, UTF-8, no zeros. */
static void check_json(str made, const char *of)
{
	struct arena a;
	struct json *j;
	struct err err = { 0 };
	arena_init(&a, 64 << 20, 256 << 20);
	bool ok = json_parse(&a, made, (struct json_limits){ .depth = 100 }, &j, &err);
	if (!ok)
		fprintf(stderr, "%s\ngave " STR_FMT "\n%s\n", of, STR_ARG(made), err.text);
	ASSERT(ok && json_type(j) == JSON_OBJECT);
	ASSERT(str_find_char(made, '\n') < 0);
	arena_done(&a);
}

static str decode(str line)
{
	d.out.len = 0;
	if (decode_line(&d, line, LOG_UNKNOWN) == LOG_UNKNOWN)
		decode_text(&d, line);
	return (str){ d.out.ptr, d.out.len };
}

struct pair_of { const char *line, *json; };

static const struct pair_of SYSLOG[] = {
	{ "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
	  "{\"@format\":\"syslog\",\"facility\":\"auth\",\"severity\":\"crit\",\"timestamp\":\"Oct 11 "
	  "22:14:15\","
	  "\"hostname\":\"mymachine\",\"appname\":\"su\","
	  "\"message\":\"'su root' failed for lonvick on /dev/pts/8\"}" },
	{ "Feb  5 17:32:18 10.0.0.99 sshd[123]: Failed password for root from 192.0.2.1 port 4 ssh2",
	  "{\"@format\":\"syslog\",\"timestamp\":\"Feb  5 17:32:18\",\"hostname\":\"10.0.0.99\","
	  "\"appname\":\"sshd\",\"procid\":\"123\","
	  "\"message\":\"Failed password for root from 192.0.2.1 port 4 ssh2\"}" },
	{ "2024-03-24T08:38:42.344447+01:00 host systemd[1]: Started x.",
	  "{\"@format\":\"syslog\",\"timestamp\":\"2024-03-24T08:38:42.344447+01:00\",\"hostname\":\"host\","
	  "\"appname\":\"systemd\",\"procid\":\"1\",\"message\":\"Started x.\"}" },
	{ "Feb  5 17:32:18 last message repeated 3 times",
	  "{\"@format\":\"syslog\",\"timestamp\":\"Feb  5 17:32:18\",\"hostname\":\"last\","
	  "\"message\":\"message repeated 3 times\"}" },
	{ "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 "
	  "[exampleSDID@32473 iut=\"3\" eventSource=\"App\\\"lication\\]\"][x@1 y=\"\"] "
	  "\xef\xbb\xbf" "An event",
	  "{\"@format\":\"syslog\",\"facility\":\"local4\",\"severity\":\"notice\","
	  "\"timestamp\":\"2003-10-11T22:14:15.003Z\",\"hostname\":\"mymachine.example.com\","
	  "\"appname\":\"evntslog\",\"msgid\":\"ID47\",\"sd.exampleSDID@32473.iut\":\"3\","
	  "\"sd.exampleSDID@32473.eventSource\":\"App\\\"lication]\",\"sd.x@1.y\":\"\","
	  "\"message\":\"An event\"}" },
	{ "<34>1 - - - - - -", "{\"@format\":\"syslog\",\"facility\":\"auth\",\"severity\":\"crit\","
	  "\"message\":\"\"}" },
	{ "Mar  1 10:00:00 h sudo:     bob : TTY=pts/0 ; PWD=/srv/bob ; USER=root ; COMMAND=/bin/sh -c "
	  "x=1 ; y",
	  "{\"@format\":\"syslog\",\"timestamp\":\"Mar  1 10:00:00\",\"hostname\":\"h\",\"appname\":\"sudo\","
	  "\"message\":\"bob : TTY=pts/0 ; PWD=/srv/bob ; USER=root ; COMMAND=/bin/sh -c x=1 ; y\","
	  "\"user\":\"bob\",\"TTY\":\"pts/0\",\"PWD\":\"/srv/bob\",\"USER\":\"root\","
	  "\"COMMAND\":\"/bin/sh -c x=1 ; y\"}" },
	{ "Mar  1 10:00:00 h kernel: [1.5] DROP IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 DPT=22 SYN",
	  "{\"@format\":\"syslog\",\"timestamp\":\"Mar  1 10:00:00\",\"hostname\":\"h\","
	  "\"appname\":\"kernel\","
	  "\"message\":\"[1.5] DROP IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 DPT=22 SYN\",\"IN\":\"eth0\","
	  "\"OUT\":\"\",\"SRC\":\"192.0.2.1\",\"DST\":\"192.0.2.2\",\"DPT\":\"22\"}" },
	{ "Mar  1 10:00:00 ns named[7]: client @0x7f 192.0.2.9#53 (a.example): query: a.example IN TXT "
	  "+ (::1)",
	  "{\"@format\":\"syslog\",\"timestamp\":\"Mar  1 10:00:00\",\"hostname\":\"ns\","
	  "\"appname\":\"named\","
	  "\"procid\":\"7\",\"message\":\"client @0x7f 192.0.2.9#53 (a.example): query: a.example IN "
	  "TXT + (::1)\","
	  "\"query\":\"a.example\",\"record_type\":\"TXT\",\"src_ip\":\"192.0.2.9\"}" },
	{ "Mar  1 10:00:00 ns dnsmasq[7]: query[A] b.example from 192.0.2.9",
	  "{\"@format\":\"syslog\",\"timestamp\":\"Mar  1 10:00:00\",\"hostname\":\"ns\","
	  "\"appname\":\"dnsmasq\","
	  "\"procid\":\"7\",\"message\":\"query[A] b.example from 192.0.2.9\",\"record_type\":\"A\","
	  "\"query\":\"b.example\",\"src_ip\":\"192.0.2.9\"}" },
	/* events in JSON, and auditd's plugin */
	{ "Mar  1 10:00:00 ids suricata[1]: {\"event_type\":\"dns\",\"flow_id\":7}",
	  "{\"@format\":\"syslog-json\",\"syslog\":{\"timestamp\":\"Mar  1 10:00:00\","
	  "\"hostname\":\"ids\",\"appname\":\"suricata\","
	  "\"procid\":\"1\"},\"event_type\":\"dns\",\"flow_id\":7}" },
	{ "Mar  1 10:00:00 h audispd: type=USER_LOGIN msg=audit(1364481363.243:24287): uid=0 res=success",
	  "{\"@format\":\"auditd\",\"type\":\"USER_LOGIN\",\"timestamp\":\"1364481363.243\","
	  "\"serial\":\"24287\",\"uid\":\"0\",\"res\":\"success\",\"node\":\"h\"}" },
	{ "Mar  1 10:00:00 h sysmon: <Event><System><Provider Name=\"Linux-Sysmon\"/><EventID>1</EventID>"
	  "</System><EventData><Data Name=\"Image\">/bin/sh</Data></EventData></Event>",
	  "{\"Event\":{\"System\":{\"Provider\":{\"#attributes\":{\"Name\":\"Linux-Sysmon\"}},"
	  "\"EventID\":\"1\"},\"EventData\":{\"Image\":\"/bin/sh\"}}}" },
};

static const struct pair_of AUDIT[] = {
	{ "type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=2 success=no a0=7fff "
	  "comm=\"cat\" exe=\"/bin/cat\" key=\"sshd_config\"\x1d" "ARCH=x86_64 SYSCALL=open UID=\"root\"",
	  "{\"@format\":\"auditd\",\"type\":\"SYSCALL\",\"timestamp\":\"1364481363.243\","
	  "\"serial\":\"24287\","
	  "\"arch\":\"c000003e\",\"syscall\":\"2\",\"success\":\"no\",\"a0\":\"7fff\",\"comm\":\"cat\","
	  "\"exe\":\"/bin/cat\",\"key\":\"sshd_config\",\"ARCH\":\"x86_64\",\"SYSCALL\":\"open\","
	  "\"UID\":\"root\"}" },
	{ "node=web1 type=EXECVE msg=audit(1.5:2): argc=3 a0=\"sh\" a1=\"-c\" a2=6563686F2022686922",
	  "{\"@format\":\"auditd\",\"node\":\"web1\",\"type\":\"EXECVE\",\"timestamp\":\"1.5\","
	  "\"serial\":\"2\","
	  "\"argc\":\"3\",\"a0\":\"sh\",\"a1\":\"-c\",\"a2\":\"echo \\\"hi\\\"\","
	  "\"cmdline\":\"sh -c echo \\\"hi\\\"\"}" },
	{ "type=PROCTITLE msg=audit(1.5:2): proctitle=636174002F6574632F736861646F77",
	  "{\"@format\":\"auditd\",\"type\":\"PROCTITLE\",\"timestamp\":\"1.5\",\"serial\":\"2\","
	  "\"proctitle\":\"cat /etc/shadow\"}" },
	{ "type=USER_CMD msg=audit(1.5:2): pid=9 uid=0 msg='cwd=\"/root\" cmd=6C73202D6C terminal=pts/0 "
	  "res=success'",
	  "{\"@format\":\"auditd\",\"type\":\"USER_CMD\",\"timestamp\":\"1.5\",\"serial\":\"2\","
	  "\"pid\":\"9\","
	  "\"uid\":\"0\",\"cwd\":\"/root\",\"cmd\":\"ls -l\",\"terminal\":\"pts/0\",\"res\":\"success\"}" },
	{ "type=SOCKADDR msg=audit(1.5:2): saddr=020001BBC",
	  "{\"@format\":\"auditd\",\"type\":\"SOCKADDR\",\"timestamp\":\"1.5\",\"serial\":\"2\","
	  "\"saddr\":\"020001BBC\"}" },
	{ "type=SOCKADDR msg=audit(1.5:2): saddr=020001BBC00002010000000000000000",
	  "{\"@format\":\"auditd\",\"type\":\"SOCKADDR\",\"timestamp\":\"1.5\",\"serial\":\"2\","
	  "\"saddr_addr\":\"192.0.2.1\",\"saddr_port\":\"443\","
	  "\"saddr\":\"020001BBC00002010000000000000000\"}" },
	{ "type=AVC msg=audit(1.5:2): avc:  denied  { write } for  pid=1 name=\"x\" name=\"y\"",
	  "{\"@format\":\"auditd\",\"type\":\"AVC\",\"timestamp\":\"1.5\",\"serial\":\"2\","
	  "\"message\":\"avc:  denied  { write } for\",\"pid\":\"1\",\"name\":[\"x\",\"y\"]}" },
};

static const struct pair_of WEB[] = {
	{ "192.0.2.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /a.php?x=1&y=%27 HTTP/1.0\" 200 2326 "
	  "\"http://r/\" \"Mozilla \\\"4\\\"\"",
	  "{\"@format\":\"apache\",\"timestamp\":\"10/Oct/2000:13:55:36 -0700\",\"c-ip\":\"192.0.2.1\","
	  "\"cs-username\":\"frank\",\"cs-method\":\"GET\",\"cs-version\":\"HTTP/1.0\","
	  "\"cs-uri\":\"/a.php?x=1&y=%27\",\"cs-uri-stem\":\"/a.php\",\"cs-uri-query\":\"x=1&y=%27\","
	  "\"sc-status\":\"200\",\"sc-bytes\":\"2326\",\"cs-referer\":\"http://r/\","
	  "\"cs-user-agent\":\"Mozilla \\\"4\\\"\"}" },
	{ "www.example.com:443 ::1 - - [10/Oct/2000:13:55:36 -0700] \"\\x16\\x03\\x01\" 400 -",
	  "{\"@format\":\"apache\",\"timestamp\":\"10/Oct/2000:13:55:36 -0700\",\"c-ip\":\"::1\","
	  "\"cs-host\":\"www.example.com\",\"cs-uri\":\"\\u0016\\u0003\\u0001\","
	  "\"cs-uri-stem\":\"\\u0016\\u0003\\u0001\",\"sc-status\":\"400\"}" },
	{ "1066036250.603    310 192.0.2.5 TCP_MISS/200 1234 GET http://x.example/a/b.exe?q=1 - "
	  "DIRECT/198.51.100.7 text/html",
	  "{\"@format\":\"squid\",\"timestamp\":\"1066036250.603\",\"time-taken\":\"310\","
	  "\"c-ip\":\"192.0.2.5\","
	  "\"s-action\":\"TCP_MISS\",\"sc-status\":\"200\",\"sc-bytes\":\"1234\",\"cs-method\":\"GET\","
	  "\"c-uri\":\"http://x.example/a/b.exe?q=1\",\"cs-host\":\"x.example\",\"r-dns\":\"x.example\","
	  "\"c-uri-query\":\"q=1\",\"c-uri-extension\":\"exe\",\"dst_ip\":\"198.51.100.7\","
	  "\"rs-content-type\":\"text/html\"}" },
	{ "[Wed Oct 11 14:32:52.123 2000] [core:error] [pid 7:tid 8] [client 192.0.2.1:5] File does not "
	  "exist",
	  "{\"@format\":\"apache-error\",\"timestamp\":\"Wed Oct 11 14:32:52.123 2000\","
	  "\"level\":\"core:error\",\"procid\":\"pid 7:tid 8\",\"client\":\"192.0.2.1:5\","
	  "\"c-ip\":\"192.0.2.1\",\"message\":\"File does not exist\"}" },
	{ "2020/01/01 12:00:00 [error] 12#34: *5 open() failed, client: 192.0.2.1, server: s, "
	  "request: \"GET /x HTTP/1.1\", host: \"h\"",
	  "{\"@format\":\"nginx-error\",\"timestamp\":\"2020/01/01 12:00:00\",\"level\":\"error\","
	  "\"message\":\"12#34: *5 open() failed, client: 192.0.2.1, server: s, "
	  "request: \\\"GET /x HTTP/1.1\\\", host: \\\"h\\\"\",\"c-ip\":\"192.0.2.1\",\"cs-host\":\"h\","
	  "\"cs-method\":\"GET\",\"cs-version\":\"HTTP/1.1\",\"cs-uri\":\"/x\",\"cs-uri-stem\":\"/x\"}" },
};

static const struct pair_of DEVICES[] = {
	{ "<189>29: *Mar  1 18:48:50.483: %SYS-5-CONFIG_I: Configured from console by vty2 (10.34.195.36)",
	  "{\"@format\":\"cisco\",\"facility\":\"local7\",\"severity\":\"notice\","
	  "\"timestamp\":\"Mar  1 18:48:50.483\",\"message\":\"%SYS-5-CONFIG_I: Configured from console "
	  "by vty2 "
	  "(10.34.195.36)\",\"mnemonic\":\"SYS-5-CONFIG_I\"}" },
	{ "Mar  1 10:00:00 fw : %ASA-6-302013: Built outbound TCP connection",
	  "{\"@format\":\"cisco\",\"timestamp\":\"Mar  1 10:00:00\",\"hostname\":\"fw\","
	  "\"message\":\"%ASA-6-302013: Built outbound TCP connection\",\"mnemonic\":\"ASA-6-302013\"}" },
	{ "Aug 1 2023 10:00:00 R1 %%01BGP/3/STATE_CHG(l)[1]: x",
	  "{\"@format\":\"huawei\",\"timestamp\":\"Aug 1 2023 10:00:00\",\"hostname\":\"R1\","
	  "\"message\":\"%%01BGP/3/STATE_CHG(l)[1]: x\",\"mnemonic\":\"01BGP/3/STATE_CHG(l)[1]:\"}" },
	{ "date=2019-05-10 time=11:37:47 devname=\"FG\" devid=\"F1\" logid=\"0100032001\" "
	  "type=\"event\" action=\"Add\" "
	  "cfgpath=\"system.admin\" msg=\"a \\\"b\\\" c\"",
	  "{\"@format\":\"fortigate\",\"message\":\"date=2019-05-10 time=11:37:47 devname=\\\"FG\\\" "
	  "devid=\\\"F1\\\" logid=\\\"0100032001\\\" type=\\\"event\\\" action=\\\"Add\\\" "
	  "cfgpath=\\\"system.admin\\\" msg=\\\"a \\\\\\\"b\\\\\\\" c\\\"\",\"date\":\"2019-05-10\","
	  "\"time\":\"11:37:47\",\"devname\":\"FG\",\"devid\":\"F1\",\"logid\":\"0100032001\","
	  "\"type\":\"event\",\"action\":\"Add\",\"cfgpath\":\"system.admin\",\"msg\":\"a \\\"b\\\" c\"}" },
	{ "CEF:0|V|P|1|100|na\\|me|9|src=192.0.2.1 msg=a b\\=c d dst=192.0.2.2",
	  "{\"@format\":\"cef\",\"message\":\"CEF:0|V|P|1|100|na\\\\|me|9|src=192.0.2.1 msg=a b\\\\=c d "
	  "dst=192.0.2.2\",\"deviceVendor\":\"V\",\"deviceProduct\":\"P\",\"deviceVersion\":\"1\","
	  "\"deviceEventClassId\":\"100\",\"name\":\"na\\\\|me\",\"severity_cef\":\"9\","
	  "\"src\":\"192.0.2.1\",\"msg\":\"a b\\\\=c d\",\"dst\":\"192.0.2.2\"}" },
	{ "Mar  1 10:00:00 pa 1,2023/03/01 10:00:00,007,GLOBALPROTECT,0,2305,x",
	  "{\"@format\":\"paloalto\",\"timestamp\":\"Mar  1 10:00:00\",\"hostname\":\"pa\","
	  "\"message\":\"1,2023/03/01 10:00:00,007,GLOBALPROTECT,0,2305,x\",\"serial\":\"007\","
	  "\"type\":\"GLOBALPROTECT\",\"subtype\":\"0\"}" },
	{ "nothing that we know", "{\"@format\":\"text\",\"message\":\"nothing that we know\"}" },
	{ "latin \xe9 and \xc3\xa9 \x01 \\ \"", "{\"@format\":\"text\",\"message\":\"latin \xc3\xa9 and "
	  "\xc3\xa9 "
	  "\\u0001 \\\\ \\\"\"}" },
};

static void check_table(const struct pair_of *all, ptrdiff_t n)
{
	for (ptrdiff_t i = 0; i < n; i++) {
		str got = decode(str_from(all[i].line));
		if (!str_eq(got, str_from(all[i].json)))
			fprintf(stderr, "%s\ngot    " STR_FMT "\nwanted %s\n", all[i].line, STR_ARG(got),
			        all[i].json);
		ASSERT(str_eq(got, str_from(all[i].json)));
		check_json(got, all[i].line);
	}
}

static const struct pair_of OBJECTS[] = {
	{ "{}", "y" }, { " {\"a\":[1,-0.5,true,null,{\"b\":{}}],\"c\":\"\\u00e9\\n\"} ", "y" }, { "{\"a"
	  "\":[]}", "y" },
	{ "{\"a\":[[],{}],\"b\":1}", "y" }, { "", "n" }, { "[]", "n" }, { "{", "n" }, { "{\"a\"}", "n" },
	{ "{\"a\":1,}", "n" }, { "{\"a\":1} x", "n" }, { "{\"a\":01}", "n" }, { "{\"a\":\"\t\"}", "n" },
	{ "{\"a\":\"\\x\"}", "n" }, { "{\"a\":\"\xff\"}", "n" }, { "{\"a\":\"\\u0000\"}", "n" }, { "{\"a"
	  "\":[1}", "n" },
	{ "{\"a\":{]}", "n" }, { "{a:1}", "n" }, { "{\"a\":1e999}", "n" }, { "{\"a\":tru}", "n" }, { "{"
	  "\"a\":.5}", "n" },
};

static void test_objects(void)
{
	char deep[400];
	for (ptrdiff_t i = 0; i < COUNTOF(OBJECTS); i++) {
		bool is = json_is_object(str_from(OBJECTS[i].line));
		if (is != (OBJECTS[i].json[0] == 'y'))
			fprintf(stderr, "%s: %s\n", OBJECTS[i].line, is ? "taken" : "not taken");
		ASSERT(is == (OBJECTS[i].json[0] == 'y'));
	}
	for (int depth = 63; depth <= 64; depth++) {
		int n = snprintf(deep, sizeof(deep), "{\"a\":");
		for (int i = 0; i < depth; i++)
			deep[n++] = '[';
		for (int i = 0; i < depth; i++)
			deep[n++] = ']';
		deep[n++] = '}';
		ASSERT(json_is_object((str){ deep, n }) == (depth == 63));
	}
}

/* One record more of fields than are kept: the text stays whole. */
static void test_many_fields(void)
{
	static char line[20000];
	int n = snprintf(line, sizeof(line), "type=X msg=audit(1.5:2):");
	for (int i = 0; i < 600; i++)
		n += snprintf(line + n, sizeof(line) - (size_t)n, " k%d=%d", i, i);
	str got = decode((str){ line, n });
	ASSERT(str_starts(got, S("{\"@format\":\"auditd\",\"message\":\"type=X msg=audit")));
	ASSERT(str_find(got, S("k599=599")) > 0);
	check_json(got, line);
}

/* Lines that are damaged at random: whatever they are taken for, what is made is JSON. */
static void test_damaged(const struct pair_of *all, ptrdiff_t count, int rounds)
{
	unsigned seed = 20261128;
	char line[2000];
	for (int round = 0; round < rounds; round++)
		for (ptrdiff_t i = 0; i < count; i++) {
			ptrdiff_t len = (ptrdiff_t)strlen(all[i].line);
			memcpy(line, all[i].line, (size_t)len);
			for (int j = 0; j < 3; j++) {
				static const char odd[] = "\"'\\[]{}=:|, \0\xff<>&;%";
				seed = seed * 1103515245 + 12345;
				ptrdiff_t at = (ptrdiff_t)(seed >> 8) % len;
				seed = seed * 1103515245 + 12345;
				line[at] = odd[(seed >> 16) % (sizeof(odd) - 1)];
			}
			len -= (ptrdiff_t)(seed >> 20) % (len / 2 + 1);
			str got = decode((str){ line, len });
			check_json(got, all[i].line);
		}
}

static const struct { enum log_format format; const char *header, *row; } TABLES[] = {
	{ LOG_CSV, "A,\"B b\",A,,x", "1,\"q \"\"r\"\"\",{\"a\":[1,{}]},4,5,6" },
	{ LOG_ZEEK_TSV, "#separator \\x09\n#set_separator\t,\n#path\td\n#fields\tts\tq\ta\tb\tc\n"
	  "#types\ttime\tstring\tset[string]\tbool\tvector[count]\n",
	  "1.5\ta\\x09\\x00b\tx,y,z\tT\t1,02,3.\t-\t(empty)" },
	{ LOG_W3C, "#Fields: date time cs(User-Agent) sc-status\n", "2020-01-02 03:04:05 Moz+\"(X)\" "
		"200 \"a b\"" },
};

static void test_damaged_rows(void)
{
	static const char odd[] = "\"'\\{}[],\t;-+x0 \0\xff\xc3.";
	unsigned seed = 4711;
	char row[200];
	for (ptrdiff_t i = 0; i < COUNTOF(TABLES); i++) {
		struct log_columns *c = columns_new(TABLES[i].format, str_from(TABLES[i].header), ',', NULL);
		ASSERT(c != NULL);
		for (int round = 0; round < 3000; round++) {
			ptrdiff_t len = (ptrdiff_t)strlen(TABLES[i].row);
			memcpy(row, TABLES[i].row, (size_t)len);
			for (int j = 0; j < round % 4; j++) {
				seed = seed * 1103515245 + 12345;
				ptrdiff_t at = (ptrdiff_t)(seed >> 8) % len;
				seed = seed * 1103515245 + 12345;
				row[at] = odd[(seed >> 16) % (sizeof(odd) - 1)];
			}
			d.out.len = 0;
			ASSERT(pairs_begin(&d.pairs, len));
			const char *kind = decode_row(c, &d.pairs, (str){ row, len });
			pairs_write(&d.pairs, kind, &d.out);
			check_json((str){ d.out.ptr, d.out.len }, TABLES[i].row);
		}
		columns_free(c);
	}
}

/* The lines of others' tests: nothing in them is lost, and what is made is JSON. */
static void test_shared(void)
{
	const char *shared = getenv("NAUBAT_SHARED");
	char path[4096], *text = NULL;
	size_t cap = 0;
	ptrdiff_t n;
	int lines = 0;
	(void)snprintf(path, sizeof(path), "%s/data/events/syslog-lines.jsonl",
	               shared != NULL ? shared : "../shared");
	FILE *f = fopen(path, "rb");
	if (f == NULL) {
		printf("skipped: no shared events (set NAUBAT_SHARED to the folder that has data/events)\n");
		return;
	}
	while ((n = getline(&text, &cap, f)) > 0) {
		struct arena a;
		struct json *j;
		struct err err;
		arena_init(&a, 16 << 20, 64 << 20);
		ASSERT(json_parse(&a, (str){ text, n }, (struct json_limits){ 0 }, &j, &err));
		str line = json_get_str(j, "line");
		if (!str_starts(line, S("{")))
			check_json(decode(line), arena_cstr(&a, line));
		lines++;
		arena_done(&a);
	}
	ASSERT(lines == 904);
	free(text);
	fclose(f);
}

int main(void)
{
	check_table(SYSLOG, COUNTOF(SYSLOG));
	check_table(AUDIT, COUNTOF(AUDIT));
	check_table(WEB, COUNTOF(WEB));
	check_table(DEVICES, COUNTOF(DEVICES));
	test_objects();
	test_many_fields();
	test_damaged(SYSLOG, COUNTOF(SYSLOG), 400);
	test_damaged(AUDIT, COUNTOF(AUDIT), 400);
	test_damaged(WEB, COUNTOF(WEB), 400);
	test_damaged(DEVICES, COUNTOF(DEVICES), 400);
	test_damaged_rows();
	test_shared();
	pairs_done(&d.pairs);
	json_out_free(&d.out);
	return 0;
}

#include "watch/details.h"

#include "watch/log.h"

enum { ITEMS_MAX = 6, CHOICES_MAX = 7, FIELDS_MAX = 512, USUAL_SHOWN = 4, USUAL_MAX = 16, REASONS_SHOWN = 3 };

/* key: a channel (its end suffices), an EVE event_type as eve:x, a Zeek _path as zeek:x, a @format as @x.
 * ids: of Windows, with commas; "" for every one.  spec: label=Field|Other, or Domain+User; behind the label
 * a star: of a path its last part only; a <: its end says most. */
static const struct {
	const char *key, *ids, *spec;
} rows[] = {
	{ "Sysmon/Operational", "1", "user=User parent*=ParentImage command=CommandLine|Image" },
	{ "Sysmon/Operational", "2,11,15,23,26,27,28,29", "user=User process*=Image file<=TargetFilename" },
	{ "Sysmon/Operational", "3",
	  "user=User process*=Image to=DestinationIp port=DestinationPort host=DestinationHostname" },
	{ "Sysmon/Operational", "6", "driver<=ImageLoaded signed-by=Signature hashes=Hashes" },
	{ "Sysmon/Operational", "7", "user=User process*=Image loaded<=ImageLoaded signed-by=Signature" },
	{ "Sysmon/Operational", "8",
	  "user=SourceUser from*=SourceImage into*=TargetImage start=StartFunction|StartAddress" },
	{ "Sysmon/Operational", "10",
	  "user=SourceUser from*=SourceImage into*=TargetImage access=GrantedAccess" },
	{ "Sysmon/Operational", "12,13,14",
	  "user=User process*=Image key<=TargetObject value=Details|NewName" },
	{ "Sysmon/Operational", "17,18", "user=User process*=Image pipe=PipeName" },
	{ "Sysmon/Operational", "19,20,21", "user=User name=Name|Consumer does=Query|Destination|Filter" },
	{ "Sysmon/Operational", "22", "user=User process*=Image asks=QueryName answer=QueryResults" },
	{ "Sysmon/Operational", "", "user=User process<=Image|SourceImage file<=TargetFilename state=State" },
	{ "Security", "4688",
	  "user=SubjectDomainName+SubjectUserName parent*=ParentProcessName "
	  "command=CommandLine|NewProcessName" },
	{ "Security", "4624,4625,4634,4647,4778,4779",
	  "user=TargetDomainName+TargetUserName|AccountName type=LogonType "
	  "from=IpAddress|ClientAddress|WorkstationName "
	  "by=LogonProcessName why=SubStatus" },
	{ "Security", "4648",
	  "user=SubjectDomainName+SubjectUserName as=TargetDomainName+TargetUserName to=TargetServerName "
	  "process<=ProcessName" },
	{ "Security", "4672", "user=SubjectDomainName+SubjectUserName may=PrivilegeList" },
	{ "Security", "4656,4658,4660,4661,4662,4663,4670",
	  "user=SubjectDomainName+SubjectUserName process*=ProcessName object<=ObjectName "
	  "access=AccessMask|AccessList "
	  "properties=Properties" },
	{ "Security", "4657",
	  "user=SubjectDomainName+SubjectUserName process*=ProcessName key<=ObjectName value=ObjectValueName "
	  "new=NewValue" },
	{ "Security", "4673,4674",
	  "user=SubjectDomainName+SubjectUserName process<=ProcessName may=PrivilegeList service=Service" },
	{ "Security", "4697",
	  "user=SubjectDomainName+SubjectUserName service=ServiceName file<=ServiceFileName" },
	{ "Security", "4698,4699,4700,4701,4702",
	  "user=SubjectDomainName+SubjectUserName task=TaskName does=TaskContent|TaskContentNew" },
	{ "Security", "4768,4769,4770,4771,4776",
	  "account=TargetUserName service=ServiceName from=IpAddress|Workstation cipher=TicketEncryptionType "
	  "why=Status" },
	{ "Security", "4728,4729,4732,4733,4756,4757",
	  "user=SubjectDomainName+SubjectUserName member=MemberName|MemberSid group=TargetUserName" },
	{ "Security", "5140,5145",
	  "user=SubjectDomainName+SubjectUserName from=IpAddress share=ShareName file=RelativeTargetName" },
	{ "Security", "5154,5155,5156,5157,5158",
	  "process*=Application from=SourceAddress to=DestAddress port=DestPort" },
	{ "Security", "1102", "cleared-by=SubjectDomainName+SubjectUserName" },
	{ "Security", "",
	  "user=SubjectDomainName+SubjectUserName account=TargetUserName|MemberName object<=ObjectName "
	  "process<=ProcessName" },
	{ "System", "7045", "service=ServiceName file<=ImagePath account=AccountName" },
	{ "System", "104", "log=Channel cleared-by=SubjectDomainName+SubjectUserName" },
	{ "System", "", "source=Provider_Name service=ServiceName|param1 state=param2 message=Message" },
	{ "PowerShell/Operational", "4104", "user=UserID|User script=ScriptBlockText file<=Path" },
	{ "PowerShell/Operational", "4103", "user=User|AccountName does=Payload context=ContextInfo" },
	{ "Windows PowerShell", "", "does=HostApplication|Data|param3|Message" },
	{ "TaskScheduler/Operational", "", "user=UserName|UserContext task=TaskName does=Path|ActionName" },
	{ "WMI-Activity/Operational", "",
	  "user=User namespace=Namespace|NamespaceName does=Query|CONSUMER|Operation" },
	{ "Windows Defender/Operational", "",
	  "threat=Threat_Name file<=Path user=Detection_User|User setting=New_Value" },
	{ "LocalSessionManager/Operational", "", "user=User from=Address" },
	{ "RemoteConnectionManager/Operational", "", "user=Param1 from=Param3" },
	{ "AppLocker", "", "user=TargetUser file<=FullFilePath|FilePath" },
	{ "Bits-Client/Operational", "",
	  "user=jobOwner job=jobTitle|name url=RemoteName|url file=LocalName process*=processPath" },
	{ "DNS-Client/Operational", "", "asks=QueryName answer=QueryResults" },
	{ "eve:alert", "", "from=src_ip to=dest_ip port=dest_port signature=alert.signature" },
	{ "eve:dns", "", "from=src_ip to=dest_ip asks=dns.rrname answer=dns.rcode" },
	{ "eve:http", "",
	  "from=src_ip to=dest_ip host=http.hostname url=http.url agent=http.http_user_agent" },
	{ "eve:tls", "", "from=src_ip to=dest_ip name=tls.sni subject=tls.subject" },
	{ "eve:fileinfo", "",
	  "from=src_ip to=dest_ip file=fileinfo.filename hash=fileinfo.sha256|fileinfo.md5" },
	{ "eve:", "", "from=src_ip to=dest_ip port=dest_port protocol=app_proto|proto" },
	{ "zeek:dns", "", "from=id.orig_h to=id.resp_h asks=query answer=answers" },
	{ "zeek:http", "", "from=id.orig_h to=id.resp_h method=method host=host url=uri agent=user_agent" },
	{ "zeek:ssl", "", "from=id.orig_h to=id.resp_h name=server_name subject=subject" },
	{ "zeek:files", "", "from=tx_hosts to=rx_hosts file=filename hash=sha256|sha1|md5" },
	{ "zeek:smb_files", "", "from=id.orig_h to=id.resp_h does=action file=path name=name" },
	{ "zeek:dce_rpc", "", "from=id.orig_h to=id.resp_h does=operation on=endpoint" },
	{ "zeek:kerberos", "", "from=id.orig_h to=id.resp_h client=client service=service cipher=cipher" },
	{ "zeek:", "", "from=id.orig_h to=id.resp_h port=id.resp_p what=service|name|note|proto" },
	{ "@auditd", "", "user=auid|uid program=exe|comm command=proctitle|a0 file=name key=key" },
	{ "@cloudtrail", "",
	  "user=userIdentity.arn|userIdentity.userName call=eventName of=eventSource from=sourceIPAddress "
	  "error=errorCode" },
	{ "@apache", "", "from=c-ip request=cs-uri-query|cs-uri status=sc-status agent=cs-user-agent" },
	{ "@web", "",
	  "from=c-ip method=cs-method request=cs-uri|cs-uri-stem|cs-uri-query status=sc-status "
	  "agent=cs-user-agent" },
	{ "@syslog", "", "program=appname message=message|MESSAGE" },
};

static const char usual[] =
	"user=User|UserName|user.name|user|TargetUserName|SubjectUserName|userIdentity.arn "
	"parent*=ParentImage|process.parent.executable|ParentProcessName "
	"command=CommandLine|process.command_line|cmdline|command "
	"process*=Image|process.executable|exe|ProcessName "
	"file<=TargetFilename|file.path|FilePath|filename "
	"from=src_ip|source.ip|c-ip|clientip|sourceIPAddress|id.orig_h "
	"to=dest_ip|destination.ip|DestinationIp|id.resp_h "
	"asks=QueryName|dns.question.name|query "
	"url=url|url.original|cs-uri|request|uri "
	"does=eventName|event.action|action|operationName|Operation "
	"message=message|Message|msg|MESSAGE|line";

static const char *const time_fields[] = {
	"UtcTime",
	"TimeCreated.SystemTime",
	"TimeCreated.@SystemTime",
	"@timestamp",
	"SystemTime",
	"TimeCreated",
	"time_created",
	"eventTime",
	"timestamp",
	"ts",
	"_write_ts",
	"time",
	"datetime",
	"date",
	"Timestamp",
	"TimeGenerated",
	"createdDateTime",
	"CreationTime",
	"requestReceivedTimestamp",
	"EventTime",
	"_time",
	"event.created",
	"published",
};
static const char *const host_fields[] = {
	"Computer",      "Hostname", "host.name", "host.hostname",      "hostname", "HOSTNAME",  "agent.name",
	"beat.hostname", "node",     "host",      "recipientAccountId", "src_ip",   "id.orig_h", "c-ip",
};

/* What neither a line nor a time needs, but logons and blind spots do. */
static const char *const more_fields[] = { "TargetDomainName", "SubjectDomainName", "Status",
					   "SubStatus",        "WorkstationName",   "CommandLine" };

struct item {
	const char *label;
	bool last_part, end_matters;
	str fields[CHOICES_MAX];
	int count;
};
struct class
{
	str key, ids;
	struct item items[ITEMS_MAX];
	int count;
};
struct details {
	struct class classes[COUNTOF(rows)];
	struct item *usual;
	int usual_count;
	str fields[FIELDS_MAX];
	ptrdiff_t field_count;
};

static str want(struct details *d, str field)
{
	str_cut_result both = str_cut(field, '+');
	if (both.ok) {
		(void)want(d, both.head);
		(void)want(d, both.tail);
		return field;
	}
	for (ptrdiff_t i = 0; i < d->field_count; i++)
		if (str_eq(d->fields[i], field))
			return d->fields[i];
	ASSERT(d->field_count < FIELDS_MAX);
	d->fields[d->field_count++] = field;
	return field;
}

static int read_spec(struct details *d, struct arena *a, str spec, struct item *items, int most)
{
	int n = 0;
	for (str_cut_result c = str_cut(spec, ' ');; c = str_cut(c.tail, ' ')) {
		str_cut_result pair = str_cut(c.head, '=');
		ASSERT(n < most && pair.ok);
		struct item *i = &items[n++];
		i->last_part = str_ends(pair.head, S("*"));
		i->end_matters = str_ends(pair.head, S("<"));
		i->label = arena_cstr(
			a, str_sub(pair.head, 0, pair.head.len - (i->last_part || i->end_matters)));
		for (str_cut_result f = str_cut(pair.tail, '|');; f = str_cut(f.tail, '|')) {
			ASSERT(i->count < COUNTOF(i->fields));
			i->fields[i->count++] = want(d, f.head);
			if (!f.ok)
				break;
		}
		if (!c.ok)
			return n;
	}
}

const struct details *details_load(struct arena *a)
{
	static const char *const keys[] = { "Channel", "EventID", "event_type", "_path", "@format" };
	struct details *d = NEW(a, struct details, 1);
	for (ptrdiff_t i = 0; i < COUNTOF(keys); i++)
		(void)want(d, str_from(keys[i]));
	for (ptrdiff_t i = 0; i < COUNTOF(time_fields); i++)
		(void)want(d, str_from(time_fields[i]));
	for (ptrdiff_t i = 0; i < COUNTOF(more_fields); i++)
		(void)want(d, str_from(more_fields[i]));
	for (ptrdiff_t i = 0; i < COUNTOF(host_fields); i++)
		(void)want(d, str_from(host_fields[i]));
	for (ptrdiff_t i = 0; i < COUNTOF(rows); i++) {
		struct class *c = &d->classes[i];
		c->key = str_from(rows[i].key);
		c->ids = str_from(rows[i].ids);
		c->count = read_spec(d, a, str_from(rows[i].spec), c->items, ITEMS_MAX);
	}
	d->usual = NEW(a, struct item, USUAL_MAX);
	d->usual_count = read_spec(d, a, str_from(usual), d->usual, USUAL_MAX);
	return d;
}

const str *details_fields(const struct details *d, ptrdiff_t *out_count)
{
	*out_count = d->field_count;
	return d->fields;
}

/* --- what kind of event --- */

static str ask(struct event_reader r, const char *name)
{
	return r.field(r.who, str_from(name));
}

str details_channel(struct event_reader r)
{
	static const char *const other[] = { "event_type", "_path", "@format" };
	static const char *const names[] = { "suricata", "zeek" };
	str v = ask(r, "Channel");
	for (ptrdiff_t i = 0; v.len == 0 && i < COUNTOF(other); i++) {
		v = ask(r, other[i]);
		if (v.len && i < COUNTOF(names))
			return str_from(names[i]);
	}
	return v;
}

str details_id(struct event_reader r)
{
	static const char *const fields[] = { "EventID", "event_type", "_path" };
	str v = { 0 };
	for (ptrdiff_t i = 0; v.len == 0 && i < COUNTOF(fields); i++)
		v = ask(r, fields[i]);
	return v;
}

str details_host(struct event_reader r)
{
	for (ptrdiff_t i = 0; i < COUNTOF(host_fields); i++) {
		str v = ask(r, host_fields[i]);
		if (v.len)
			return v;
	}
	return S("");
}

int64_t details_time(struct event_reader r, int64_t now_us)
{
	int64_t at_us;
	for (ptrdiff_t i = 0; i < COUNTOF(time_fields); i++) {
		str v = ask(r, time_fields[i]);
		if (v.len && log_time(v, now_us, &at_us))
			return at_us;
	}
	return FINDING_NO_TIME;
}

static bool has_id(str ids, str id)
{
	for (str_cut_result c = str_cut(ids, ',');; c = str_cut(c.tail, ',')) {
		if (str_eq(c.head, id))
			return true;
		if (!c.ok)
			return ids.len == 0;
	}
}

static bool key_fits(str key, str channel, str eve, str zeek, str format)
{
	if (str_starts(key, S("eve:")))
		return eve.len && (key.len == 4 || str_eq(str_sub(key, 4, key.len), eve));
	if (str_starts(key, S("zeek:")))
		return zeek.len && (key.len == 5 || str_eq(str_sub(key, 5, key.len), zeek));
	if (str_starts(key, S("@")))
		return str_starts(format, str_sub(key, 1, key.len));
	return channel.len >= key.len &&
	       str_eq_nocase(str_sub(channel, channel.len - key.len, channel.len), key);
}

static const struct class *class_of(const struct details *d, struct event_reader r)
{
	str channel = ask(r, "Channel"), id = ask(r, "EventID"), eve = { 0 }, zeek = { 0 }, format = { 0 };
	if (channel.len == 0) {
		eve = ask(r, "event_type");
		zeek = ask(r, "_path");
		format = ask(r, "@format");
		if (ask(r, "eventSource").len && ask(r, "eventName").len)
			format = S("cloudtrail");
	}
	for (ptrdiff_t i = 0; i < COUNTOF(d->classes); i++)
		if (key_fits(d->classes[i].key, channel, eve, zeek, format) && has_id(d->classes[i].ids, id))
			return &d->classes[i];
	return NULL;
}

/* --- the line --- */

static str last_part(str path)
{
	ptrdiff_t at = path.len;
	while (at > 0 && path.ptr[at - 1] != '\\' && path.ptr[at - 1] != '/')
		at--;
	return at < path.len ? str_sub(path, at, path.len) : path;
}

static bool is_nothing(str v)
{
	return v.len == 0 || str_eq(v, S("-")) || str_eq(v, S("%%14592"));
}

/* CORP\\ada of Domain+User; the user alone if there is no domain. */
static str read_value(struct event_reader r, str field, struct arena *a)
{
	str_cut_result both = str_cut(field, '+');
	if (!both.ok)
		return r.field(r.who, field);
	str domain = r.field(r.who, both.head), user = r.field(r.who, both.tail);
	return is_nothing(domain) || is_nothing(user)
		       ? user
		       : arena_printf(a, STR_FMT "\\" STR_FMT, STR_ARG(domain), STR_ARG(user));
}

static ptrdiff_t read_items(const struct item *items, int count, struct event_reader r, struct arena *a,
			    struct finding_detail *out)
{
	ptrdiff_t n = 0;
	for (int i = 0; i < count; i++)
		for (int j = 0; j < items[i].count; j++) {
			str v = read_value(r, items[i].fields[j], a);
			if (is_nothing(v))
				continue;
			out[n++] = (struct finding_detail){ items[i].label, items[i].fields[j],
							    items[i].last_part ? last_part(v) : v,
							    items[i].end_matters };
			break;
		}
	return n;
}

/* What was met: a text of the event that the line does not have already. */
static ptrdiff_t read_reasons(const struct match_reason *reasons, ptrdiff_t count, struct arena *a,
			      struct finding_detail *out, ptrdiff_t n)
{
	ptrdiff_t most = n == 0 ? REASONS_SHOWN : 1, added = 0;
	for (ptrdiff_t i = 0; i < count; i++)
		for (ptrdiff_t j = 0; j < n; j++)
			if (str_eq(reasons[i].value, out[j].value))
				return n;
	for (ptrdiff_t i = 0; i < count && added < most; i++) {
		if (reasons[i].value.len == 0)
			continue;
		str label = reasons[i].field.ptr ? reasons[i].field : S("text");
		out[n + added++] = (struct finding_detail){ arena_cstr(a, label), reasons[i].field,
							    reasons[i].value, false };
	}
	return n + added;
}

const struct finding_detail *details_make(const struct details *d, struct event_reader r, bool always,
					  const struct match_reason *reasons, ptrdiff_t reason_count,
					  struct arena *a, ptrdiff_t *out_count)
{
	struct finding_detail *out = NEW(a, struct finding_detail, USUAL_MAX + REASONS_SHOWN);
	const struct class *c = class_of(d, r);
	ptrdiff_t n = c ? read_items(c->items, c->count, r, a, out) : 0;
	if (n == 0)
		n = MIN(read_items(d->usual, d->usual_count, r, a, out), USUAL_SHOWN);
	*out_count = always || n == 0 ? read_reasons(reasons, reason_count, a, out, n) : n;
	return out;
}
